/**
 * Which part of a prompt the model reads where it cannot read all.
 *
 * Kept are the start token, a pinned head such as a memory, and the end. What is cut lies between the
 * two, and the cut moves in steps: a text that grows by a few words keeps the same beginning for a
 * while, so that what the model has seen of it can be used again.
 */
import type { TokenRange } from '../../../contract/decoding.ts';
import { StudioError } from '../../../contract/errors.ts';
import type { TextModel } from './text-model.ts';

export interface PromptWindow {
  readonly promptIds: readonly number[];
  readonly droppedTokens: number;
  readonly keptRanges: TokenRange[];
  readonly cutRanges: TokenRange[];
}

/** The continuation may claim this share of the context. */
const continuationShare = 0.25;
/** The cut moves by this share of what can be read. */
const stepShare = 1 / 8;
/** Most of what can be read that may be pinned. */
const pinnedShare = 0.75;

/** Tokens that a prompt may have. */
export function promptLimit(contextLength: number, maxTokens: number): number {
  const room = Math.max(1, Math.min(maxTokens, Math.floor(contextLength * continuationShare)));
  return Math.max(1, contextLength - room);
}

/**
 * @param pinnedTokens tokens at the start that must stay
 * @throws {StudioError} `too-large` if these alone leave too little of the context
 */
export function fitPrompt(
  ids: readonly number[],
  { contextLength, startId }: Pick<TextModel, 'contextLength' | 'startId'>,
  maxTokens: number,
  pinnedTokens = 0,
): PromptWindow {
  const limit = promptLimit(contextLength, maxTokens);
  if (ids.length <= limit) return windowOf(ids, 0, 0);
  if (pinnedTokens > limit * pinnedShare) {
    throw new StudioError(
      'too-large',
      `What is to stay at the beginning has ${pinnedTokens} tokens, of ${limit} that this model can read before it writes. Shorten it.`,
      { pinnedTokens, limit },
    );
  }
  const opens = ids[0] !== undefined && ids[0] === startId && limit > 1 ? 1 : 0;
  const head = Math.max(pinnedTokens, opens);
  const step = Math.max(1, Math.floor((limit - head) * stepShare));
  const cut = Math.ceil((ids.length - limit) / step) * step;
  return windowOf(ids, head, Math.min(cut, ids.length - head - 1));
}

function windowOf(ids: readonly number[], head: number, cut: number): PromptWindow {
  const ranges = [
    { start: 0, end: head },
    { start: head + cut, end: ids.length },
  ];
  if (cut === 0) {
    const keptRanges = ids.length > 0 ? [{ start: 0, end: ids.length }] : [];
    return { promptIds: ids, droppedTokens: 0, keptRanges, cutRanges: [] };
  }
  return {
    promptIds: [...ids.slice(0, head), ...ids.slice(head + cut)],
    droppedTokens: cut,
    keptRanges: ranges.filter(({ start, end }) => end > start),
    cutRanges: [{ start: head, end: head + cut }],
  };
}
