/** A prompt as the text encoder reads it: chunks of ids, and how much each id weighs. */
import { parseAttention, type Emphasis } from '../../../../contract/prompt/attention.ts';
import { chunkSizeOf, toChunks } from '../prompt/chunks.ts';
import type { ClipTokenizer } from '../prompt/clip-tokenizer.ts';

export interface PromptChunk {
  /** With start, end and padding: as many as the encoder reads. */
  readonly ids: readonly number[];
  /** One per id; 1 for start, end and padding. */
  readonly weights: readonly number[];
  /** Ids that stand for words. */
  readonly tokens: number;
}

/** @returns at least one chunk; `BREAK` begins another */
export function layOutPrompt(
  text: string,
  emphasis: Emphasis,
  tokenizer: ClipTokenizer,
): readonly PromptChunk[] {
  const size = chunkSizeOf(tokenizer);
  const filled: { ids: number[]; weights: number[] }[] = [];
  let current: { ids: number[]; weights: number[] } = { ids: [], weights: [] };
  const next = () => {
    filled.push(current);
    current = { ids: [], weights: [] };
  };
  for (const piece of parseAttention(text, emphasis)) {
    if (piece.kind === 'break') {
      next();
      continue;
    }
    for (const id of tokenizer.encode(piece.text)) {
      if (current.ids.length === size) next();
      current.ids.push(id);
      current.weights.push(piece.weight);
    }
  }
  if (current.ids.length > 0 || filled.length === 0) next();
  return filled.map((chunk) => padded(chunk, tokenizer));
}

/** A chunk without words, which makes a shorter prompt as long as another. */
export function emptyChunk(tokenizer: ClipTokenizer): PromptChunk {
  return padded({ ids: [], weights: [] }, tokenizer);
}

function padded(
  { ids, weights }: { readonly ids: readonly number[]; readonly weights: readonly number[] },
  tokenizer: ClipTokenizer,
): PromptChunk {
  const [row = []] = toChunks(ids, 1, tokenizer);
  const around = row.map((_, index) => weights[index - 1] ?? 1);
  return { ids: row, weights: around, tokens: ids.length };
}
