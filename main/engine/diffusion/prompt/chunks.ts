/** Prompts longer than the text encoder reads: chunks of 75 tokens, encoded one by one and joined. */
import type { ClipTokenizer } from './clip-tokenizer.ts';

/** Tokens that fit into one chunk beside the start and the end token. */
export function chunkSizeOf(tokenizer: ClipTokenizer): number {
  return tokenizer.maxLength - 2;
}

/** @returns how many chunks that many tokens fill; at least 1 */
export function chunkCountOf(tokens: number, tokenizer: ClipTokenizer): number {
  return Math.max(1, Math.ceil(tokens / chunkSizeOf(tokenizer)));
}

/**
 * Lays ids out as the text encoder wants them: start, at most 75 ids, end, padding.
 * @param chunks how many to fill; further ones hold no ids
 * @returns [chunks][maxLength] ids
 */
export function toChunks(
  ids: readonly number[],
  chunks: number,
  tokenizer: ClipTokenizer,
): number[][] {
  const size = chunkSizeOf(tokenizer);
  return Array.from({ length: chunks }, (_, chunk) => {
    const own = ids.slice(chunk * size, (chunk + 1) * size);
    const padding = Array.from({ length: size - own.length }, () => tokenizer.padId);
    return [tokenizer.startId, ...own, tokenizer.endId, ...padding];
  });
}
