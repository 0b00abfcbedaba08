/**
 * Continues a text token by token.
 *
 * Promises: one `start`, then tokens, then one `done`; the same request, seed, model and provider
 * give the same text; a cancel takes effect before the next run, which is at most one token or one
 * piece of the prompt away; other work of the process gets its turn between tokens.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StudioError } from '../../../contract/errors.ts';
import type { WriteEvent, WriteRequest } from '../../../contract/write.ts';
import type { SessionPool } from '../session.ts';
import { createTokenChooser, type TokenChoice } from './choose-token.ts';
import { createDecoder } from './decoder.ts';
import { createTextAssembler, type TokenText } from './text-assembler.ts';
import type { TextModel } from './text-model.ts';

export interface GenerateOptions {
  readonly signal?: AbortSignal;
  /** For requests without a seed. */
  readonly drawSeed: () => number;
}

type TokenEvent = Extract<WriteEvent, { kind: 'token' }>;
type EndReason = Extract<WriteEvent, { kind: 'done' }>['reason'];

/**
 * @throws {StudioError} `cancelled`, `bad-request` for an empty prompt where the model names no
 *   start token and as `createTokenChooser`, `model-missing`, `model-invalid`, `out-of-memory`, `unsupported`
 */
export async function* generateText(
  pool: SessionPool,
  model: TextModel,
  request: WriteRequest,
  { signal, drawSeed }: GenerateOptions,
): AsyncGenerator<WriteEvent, void, undefined> {
  const seed = request.seed ?? drawSeed();
  const { promptIds, droppedTokens } = fitPrompt(
    encodePrompt(model, request.prompt),
    model,
    request.maxTokens,
  );
  // Before the model is loaded: a form that cannot be followed should cost nobody a wait.
  const chooser = createTokenChooser(model, request, seed);
  throwIfAborted(signal);
  await using lease = await pool.borrow(model.id, model.graphPath, signal ? { signal } : {});
  let decoder = createDecoder(lease.session, model);
  using _decoder = { [Symbol.dispose]: () => decoder[Symbol.dispose]() };
  yield { kind: 'start', seed, promptTokens: promptIds.length, droppedTokens };

  const assembler = createTextAssembler<Omit<TokenEvent, 'text'>>(
    request.stop,
    request.bannedPhrases,
  );
  const history = [...promptIds];
  let logits = await decoder.prefill(promptIds, signal);
  const startedMs = performance.now();
  let tokens = 0;
  let reason: EndReason | null = null;
  while (reason === null) {
    await nextTurn();
    throwIfAborted(signal);
    let choice: TokenChoice | null;
    try {
      choice = chooser.choose(logits, history);
    } catch (error) {
      // What was held back is text all the same.
      yield* toEvents(assembler.finish());
      throw error;
    }
    if (choice === null || model.endIds.has(choice.tokenId)) {
      reason = 'end-of-text';
      break;
    }
    const { tokenId } = choice;
    chooser.accept(tokenId);
    history.push(tokenId);
    tokens += 1;
    const { settled, stopped, takenBack } = assembler.push(
      { kind: 'token', ...choice },
      model.tokenizer.bytesOf(tokenId),
    );
    const [first] = takenBack;
    if (first) {
      tokens -= takenBack.length;
      history.length -= takenBack.length;
      chooser.rewind(takenBack.length);
      chooser.exclude(first.tokenId);
      decoder[Symbol.dispose]();
      decoder = createDecoder(lease.session, model);
      logits = await decoder.prefill(history, signal);
      continue;
    }
    yield* toEvents(settled);
    if (stopped) reason = 'stop-string';
    else if (tokens >= request.maxTokens) reason = 'max-tokens';
    else if (history.length >= model.contextLength) reason = 'context-full';
    else logits = await decoder.forward([tokenId], signal);
  }
  yield* toEvents(assembler.finish());
  const seconds = (performance.now() - startedMs) / 1000;
  yield { kind: 'done', reason, tokens, tokensPerSecond: seconds > 0 ? tokens / seconds : 0 };
}

function* toEvents(settled: readonly TokenText<Omit<TokenEvent, 'text'>>[]): Generator<TokenEvent> {
  for (const { token, text } of settled) yield { ...token, text };
}

function encodePrompt({ tokenizer, startId }: TextModel, prompt: string): number[] {
  const ids = tokenizer.encode(prompt);
  if (ids.length > 0) return ids;
  if (startId === null)
    throw new StudioError(
      'bad-request',
      'This model cannot start from nothing. Write a first word.',
    );
  return [startId];
}

/** The continuation may claim this share of the context; a longer prompt loses its beginning. */
const continuationShare = 0.25;

/**
 * Leaves room for the continuation by dropping tokens from the start of the prompt; a start token
 * that opens it is kept.
 */
export function fitPrompt(
  ids: readonly number[],
  { contextLength, startId }: Pick<TextModel, 'contextLength' | 'startId'>,
  maxTokens: number,
): { readonly promptIds: readonly number[]; readonly droppedTokens: number } {
  const room = Math.max(1, Math.min(maxTokens, Math.floor(contextLength * continuationShare)));
  const limit = Math.max(1, contextLength - room);
  if (ids.length <= limit) return { promptIds: ids, droppedTokens: 0 };
  const droppedTokens = ids.length - limit;
  const opening = ids[0];
  const promptIds =
    opening !== undefined && opening === startId && limit > 1
      ? [opening, ...ids.slice(droppedTokens + 1)]
      : ids.slice(droppedTokens);
  return { promptIds, droppedTokens };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
}
