/**
 * What models have seen lately, kept for requests that begin alike.
 *
 * Promises: a prefix is used again only where its tokens are the same, one by one; with `exact` only what
 * has the same bits as seeing it anew, which is whole pieces on the borders of a fresh prefill; a cache is
 * lent to one request at a time; together they stay within the budget, the least recently used going first.
 */
import type { PrefixReuse } from '../../../contract/decoding.ts';
import type { Session } from '../session.ts';
import { createDecoder, type Decoder, type DecoderSessions } from './decoder.ts';
import type { TextModel } from './text-model.ts';

export interface PrefixCache extends Disposable {
  /**
   * A decoder that has seen some of the first tokens of `promptIds`, but never the last of them.
   * The caller owns it, and may hand it back with `keep`.
   */
  open(
    sessions: DecoderSessions,
    model: TextModel,
    promptIds: readonly number[],
    reuse: PrefixReuse,
  ): Promise<Decoder>;
  /** Takes over a decoder of one row with all the tokens that it has seen, and perhaps more. */
  keep(
    sessions: DecoderSessions,
    model: TextModel,
    decoder: Decoder,
    tokenIds: readonly number[],
  ): void;
  /** Forgets one model's, or all with null. */
  release(modelId: string | null): void;
}

interface Entry {
  readonly modelId: string;
  readonly session: Session;
  readonly decoder: Decoder;
  readonly tokenIds: readonly number[];
}

/** Texts of one model that are remembered side by side. */
const entriesPerModel = 4;

/** @param budgetBytes of all caches together */
export function createPrefixCache(budgetBytes: number): PrefixCache {
  /** Least recently used first. */
  let entries: Entry[] = [];
  let isClosed = false;

  function drop(chosen: readonly Entry[]): void {
    entries = entries.filter((entry) => !chosen.includes(entry));
    for (const { decoder } of chosen) decoder[Symbol.dispose]();
  }

  return {
    async open(sessions, model, promptIds, reuse) {
      const own =
        reuse === 'none' ? [] : entries.filter(({ session }) => session === sessions.session);
      let best: Entry | null = null;
      let length = 0;
      for (const entry of own) {
        const common = commonLength(entry.tokenIds, promptIds);
        const seen = Math.min(common, entry.decoder.length, promptIds.length - 1);
        const usable = entry.decoder.reusable(seen, reuse === 'exact');
        if (usable > length) [best, length] = [entry, usable];
      }
      if (!best) return createDecoder(sessions, model);
      const { decoder } = best;
      // A long text stays for its own next request when another begins like it.
      const isOther = length < decoder.length / 2;
      if (!isOther) entries = entries.filter((entry) => entry !== best);
      const lent = isOther ? await decoder.fork() : decoder;
      await lent.crop(length);
      return lent;
    },
    keep({ session }, { id }, decoder, tokenIds) {
      if (isClosed || decoder.length === 0 || decoder.sizeBytes > budgetBytes) {
        decoder[Symbol.dispose]();
        return;
      }
      const seen = tokenIds.slice(0, decoder.length);
      // What another cache holds and more is of no use.
      drop(
        entries.filter(
          (entry) =>
            entry.session === session &&
            commonLength(entry.tokenIds, seen) === entry.tokenIds.length,
        ),
      );
      entries.push({ modelId: id, session, decoder, tokenIds: seen });
      const ofModel = entries.filter(({ modelId }) => modelId === id);
      drop(ofModel.slice(0, Math.max(0, ofModel.length - entriesPerModel)));
      let bytes = entries.reduce((sum, entry) => sum + entry.decoder.sizeBytes, 0);
      while (bytes > budgetBytes) {
        const [oldest] = entries;
        if (!oldest) break;
        bytes -= oldest.decoder.sizeBytes;
        drop([oldest]);
      }
    },
    release(modelId) {
      drop(entries.filter((entry) => modelId === null || entry.modelId === modelId));
    },
    [Symbol.dispose]() {
      isClosed = true;
      drop(entries);
    },
  };
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}
