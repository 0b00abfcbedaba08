/**
 * Blocks of a GIF file.
 * Source: GIF89a specification, §18 (screen), §20 (images), §24 (comments); XMP Part 3, §1.1.2.
 */
import { decodeText } from '../text-encodings.ts';
import type { TextBudget } from '../text-budget.ts';
import type { Container, RawText } from './container.ts';

const maxBlocks = 100_000;
const maxComments = 100;
/** XMP lies there as it is; these bytes behind it lead readers who take it for blocks to its end. */
const xmpTrailerBytes = 257;

export function readGif(bytes: Uint8Array, budget: TextBudget): Container | null {
  const start = String.fromCharCode(...bytes.subarray(0, 6));
  if ((start !== 'GIF89a' && start !== 'GIF87a') || bytes.length < 13) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  const problems: string[] = [];
  const texts: RawText[] = [];
  let xmp: Uint8Array | null = null;
  let at = 13 + colourBytes(bytes[10] ?? 0);
  let blocks = 0;
  /** Steps over blocks of at most 255 bytes each. @returns where they begin */
  const skipParts = (): number => {
    const from = at;
    while (at < bytes.length && bytes[at] !== 0 && blocks < maxBlocks) {
      at += 1 + (bytes[at] ?? 0);
      blocks += 1;
    }
    at += 1;
    return from;
  };
  while (at < bytes.length) {
    blocks += 1;
    if (blocks >= maxBlocks) {
      problems.push('The file has more blocks than are read; those behind were not.');
      break;
    }
    const kind = bytes[at];
    if (kind === 0x2c) {
      // A place, colours and the size of codes stand before the pixels.
      at += 11 + colourBytes(bytes[at + 9] ?? 0);
      skipParts();
    } else if (kind === 0x21) {
      const label = bytes[at + 1];
      at += 2;
      const from = skipParts();
      if (label === 0xfe) {
        const comment = joinedParts(bytes.subarray(from, Math.min(at, bytes.length)));
        if (texts.length < maxComments && budget.take(comment.length))
          texts.push({ place: 'gif:comment', text: decodeText(comment) });
        else problems.push('A GIF comment is too long; it was not read.');
      } else if (label === 0xff && isXmp(bytes, from))
        xmp ??= bytes.subarray(from + 12, Math.max(from + 12, at - 1 - xmpTrailerBytes));
    } else break;
  }
  return {
    format: 'gif',
    size: size.width > 0 && size.height > 0 ? size : null,
    texts,
    exif: null,
    xmp: xmp ? [xmp] : [],
    problems,
  };
}

/** Bytes of the table of colours that follows. */
function colourBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function joinedParts(blocks: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < blocks.length && blocks[at] !== 0;) {
    const length = blocks[at] ?? 0;
    parts.push(blocks.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return Buffer.concat(parts);
}

function isXmp(bytes: Uint8Array, from: number): boolean {
  return String.fromCharCode(...bytes.subarray(from + 1, from + 12)) === 'XMP DataXMP';
}
