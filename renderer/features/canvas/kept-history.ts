/**
 * The undo history of a mask as text, so that it survives a restart beside the draft.
 *
 * Promises: a history is only given back for the very picture and mask that it belongs to; text that is
 * damaged or of another version is no history, never an error; as text it stays under `mostKeptBytes`,
 * the oldest steps go first.
 */
import { z } from 'zod';
import { ContentHash } from '../../../contract/ids.ts';
import type { KeptSteps, Step } from './mask-history.ts';

/** Of packed steps; deflated they are a tenth of it or less. */
export const mostKeptBytes = 6 * 2 ** 20;

/** What a history belongs to. */
export interface HistoryOwner {
  readonly picture: ContentHash;
  /** Null where nothing is painted. */
  readonly mask: ContentHash | null;
  readonly width: number;
  readonly height: number;
}

const Tiles = z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]));
const Header = z.object({
  version: z.literal(1),
  picture: ContentHash,
  mask: ContentHash.nullable(),
  width: z.number().int(),
  height: z.number().int(),
  /** Of every step its tiles with the lengths of what follows the header. */
  done: z.array(Tiles),
  undone: z.array(Tiles),
});

export async function historyText(
  { done, undone }: KeptSteps,
  owner: HistoryOwner,
): Promise<string> {
  const lengths = ({ tiles }: Step) =>
    [...tiles].map(([tile, { length }]) => [tile, length] as const);
  const header = {
    version: 1,
    ...owner,
    done: done.map(lengths),
    undone: undone.map(lengths),
  };
  const head = new TextEncoder().encode(JSON.stringify(header));
  const parts = [...done, ...undone].flatMap(({ tiles }) => [...tiles.values()]);
  const file = new Blob([Uint32Array.of(head.length), head, ...parts.map((part) => part.slice())]);
  const deflated = file.stream().pipeThrough(new CompressionStream('deflate-raw'));
  return base64(new Uint8Array(await new Response(deflated).arrayBuffer()));
}

/** @returns null where the text holds no history of this picture and mask */
export async function readHistory(text: string, owner: HistoryOwner): Promise<KeptSteps | null> {
  try {
    const deflated = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
    const file = deflated.stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(file).arrayBuffer());
    const start = 4 + new DataView(bytes.buffer).getUint32(0, true);
    const header = Header.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(4, start))));
    const { picture, mask, width, height } = header;
    const isOwn =
      picture === owner.picture &&
      mask === owner.mask &&
      width === owner.width &&
      height === owner.height;
    if (!isOwn) return null;
    let at = start;
    const read = (lengths: z.infer<typeof Tiles>): Step => {
      const from = at;
      const tiles = new Map(
        lengths.map(([tile, length]) => [tile, bytes.slice(at, (at += length))] as const),
      );
      return { tiles, bytes: at - from };
    };
    const steps = { done: header.done.map(read), undone: header.undone.map(read) };
    return at === bytes.length ? steps : null;
  } catch {
    return null;
  }
}

/** A few thousand letters at a time: a call has no room for a million arguments. */
function base64(bytes: Uint8Array): string {
  const letters: string[] = [];
  for (let start = 0; start < bytes.length; start += 8192)
    letters.push(String.fromCharCode(...bytes.subarray(start, start + 8192)));
  return btoa(letters.join(''));
}
