/** A request's prompt, or its turns, as the tokens that the model reads. */
import type { ChatMessage, TokenRange } from '../../../contract/decoding.ts';
import { StudioError } from '../../../contract/errors.ts';
import type { TokenizedPrompt, TokenizeRequest } from '../../../contract/reading.ts';
import { fitPrompt, promptLimit, type PromptWindow } from './context-window.ts';
import type { TextModel } from './text-model.ts';
import { placeTokens } from './token-places.ts';

type PromptParts = Pick<TokenizeRequest, 'prompt' | 'messages' | 'maxTokens' | 'pinnedCharacters'>;

/**
 * Turns that do not fit lose the oldest after the system's, each as a whole; texts are cut as
 * `fitPrompt` says.
 * @throws {StudioError} `bad-request` for an empty prompt where the model names no start token, or turns
 *   that the model does not take; `too-large` if what must stay does not fit; `model-invalid`
 */
export function readPrompt(model: TextModel, request: PromptParts): PromptWindow {
  const { messages, maxTokens } = request;
  if (messages) return readTurns(model, messages, maxTokens);
  const { ids, pinned } = encodeText(model, request);
  return fitPrompt(ids, model, maxTokens, pinned);
}

/** What the context viewer shows. @throws {StudioError} as `readPrompt` */
export function tokenizePrompt(model: TextModel, request: PromptParts): TokenizedPrompt {
  const { keptRanges, cutRanges } = readPrompt(model, request);
  const { contextLength, tokenizer } = model;
  const text = request.messages ? renderTurns(model, request.messages) : request.prompt;
  const ids = request.messages ? tokenizer.encodePlain(text) : encodeText(model, request).ids;
  return { text, tokens: placeTokens(text, ids, tokenizer), keptRanges, cutRanges, contextLength };
}

/** @returns ids with the special tokens that belong in front, once; and how many must stay */
function encodeText(
  { tokenizer, startId, endIds }: TextModel,
  { prompt, pinnedCharacters }: PromptParts,
): { readonly ids: number[]; readonly pinned: number } {
  const ids = tokenizer.encode(prompt);
  // Written out by the writer and added by the tokenizer, it would be there twice.
  if (ids.length > 1 && ids[0] === startId && ids[1] === startId) ids.shift();
  const last = ids.at(-1);
  // Some tokenizers close every text; a text that goes on is not closed.
  if (
    ids.length > 1 &&
    last !== undefined &&
    endIds.has(last) &&
    !endsWith(tokenizer, prompt, last)
  )
    ids.pop();
  if (ids.length === 0) {
    if (startId === null)
      throw new StudioError(
        'bad-request',
        'This model cannot start from nothing. Write a first word.',
      );
    return { ids: [startId], pinned: 0 };
  }
  if (pinnedCharacters === 0) return { ids, pinned: 0 };
  const places = placeTokens(prompt, ids, tokenizer);
  const beyond = places.findIndex(({ end }) => end > pinnedCharacters);
  return { ids, pinned: beyond === -1 ? ids.length : beyond };
}

function endsWith(tokenizer: TextModel['tokenizer'], prompt: string, id: number): boolean {
  return tokenizer.encodePlain(prompt).at(-1) === id;
}

function renderTurns({ chatTemplate }: TextModel, messages: readonly ChatMessage[]): string {
  if (chatTemplate) return chatTemplate.render(messages, true);
  throw new StudioError(
    'unsupported',
    'This model was not made for conversations: it has no chat template. Write without turns, or choose another model.',
  );
}

function readTurns(
  model: TextModel,
  messages: readonly ChatMessage[],
  maxTokens: number,
): PromptWindow {
  const encode = (turns: readonly ChatMessage[]): number[] =>
    model.tokenizer.encodePlain(renderTurns(model, turns));
  const whole = encode(messages);
  const limit = promptLimit(model.contextLength, maxTokens);
  const keepsFirst = messages[0]?.role === 'system' ? 1 : 0;
  let ids = whole;
  for (let cut = 2; ids.length > limit; cut += 2) {
    // Two at a time, so that question and answer still alternate.
    if (keepsFirst + cut >= messages.length) {
      throw new StudioError(
        'too-large',
        `The last turn and what stays before it have ${ids.length} tokens, of ${limit} that this model can read before it answers. Shorten it.`,
        { tokens: ids.length, limit },
      );
    }
    ids = encode([...messages.slice(0, keepsFirst), ...messages.slice(keepsFirst + cut)]);
  }
  return { promptIds: ids, droppedTokens: whole.length - ids.length, ...rangesOf(whole, ids) };
}

/** What of `whole` is left in `part`, which lacks something in its middle. */
function rangesOf(
  whole: readonly number[],
  part: readonly number[],
): { readonly keptRanges: TokenRange[]; readonly cutRanges: TokenRange[] } {
  const missing = whole.length - part.length;
  if (missing === 0) return { keptRanges: [{ start: 0, end: whole.length }], cutRanges: [] };
  const differs = part.findIndex((id, index) => id !== whole[index]);
  const head = differs === -1 ? part.length : differs;
  const ranges = [
    { start: 0, end: head },
    { start: head + missing, end: whole.length },
  ];
  return {
    keptRanges: ranges.filter(({ start, end }) => end > start),
    cutRanges: [{ start: head, end: head + missing }],
  };
}
