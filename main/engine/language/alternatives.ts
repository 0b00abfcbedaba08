/**
 * Several continuations of one prompt, side by side: the prompt is read once, then every run gives one
 * token to each text.
 *
 * Text `i` has the request's seed + `i` and draws from a stream of its own. It is the text of a request of
 * its own with that seed as far as the runtime rounds runs of several rows as it does runs of one; where
 * two tokens are all but equally likely it may go another way. The same request gives the same texts.
 *
 * Rows of a batch have one length. Where a text takes a banned phrase back, all rows are cropped to its
 * length, and the others see their own tokens once more while it catches up.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StudioError } from '../../../contract/errors.ts';
import type { AlternativeEvent, WriteRequest } from '../../../contract/write.ts';
import type { SessionPool } from '../session.ts';
import { createTokenChooser, type TokenChooser } from './choose-token.ts';
import {
  type EndReason,
  type GenerateOptions,
  throwIfAborted,
  toEvents,
  type TokenEvent,
} from './generate.ts';
import { createPrefixCache } from './prefix-cache.ts';
import { createProgress } from './progress.ts';
import { readPrompt } from './prompt.ts';
import { createTextAssembler, type TextAssembler } from './text-assembler.ts';
import type { TextModel } from './text-model.ts';
import { borrowTextSessions } from './text-sessions.ts';

interface Text {
  readonly alternative: number;
  readonly chooser: TokenChooser;
  readonly assembler: TextAssembler<Omit<TokenEvent, 'text'>>;
  /** The prompt's tokens and its own. */
  readonly history: number[];
}

/**
 * Each text has `start`, tokens and one `done`, under its number; `prefill` concerns all.
 * @param count texts
 * @throws {StudioError} as `generateText`; `unsupported` together with drafts or beams
 */
export async function* generateAlternatives(
  pool: SessionPool,
  model: TextModel,
  request: WriteRequest,
  count: number,
  { signal, drawSeed, prefixes = createPrefixCache(0) }: GenerateOptions,
): AsyncGenerator<AlternativeEvent, void, undefined> {
  if (request.draft || request.beams) {
    throw new StudioError(
      'unsupported',
      'Alternatives are written without drafts and without beams. Take these out of the request.',
    );
  }
  const firstSeed = request.seed ?? drawSeed();
  const { promptIds, ...window } = readPrompt(model, request);
  // Before the model is opened: what cannot be followed should cost nobody a wait.
  const texts = Array.from({ length: count }, (_none, alternative) => {
    const seed = (firstSeed + alternative) % Number.MAX_SAFE_INTEGER;
    return {
      alternative,
      seed,
      chooser: createTokenChooser(model, request, seed),
      assembler: createTextAssembler<Omit<TokenEvent, 'text'>>(request.stop, request.bannedPhrases),
      history: [...promptIds],
    };
  });
  throwIfAborted(signal);
  await using sessions = await borrowTextSessions(pool, model, request.weights, signal);
  const reader = await prefixes.open(sessions, model, promptIds, request.prefixReuse);
  const reusedTokens = reader.length;
  const isReproducible = reusedTokens === reader.reusable(reusedTokens, true);

  await using owned = new AsyncDisposableStack();
  owned.defer(() => prefixes.keep(sessions, model, reader, promptIds));
  for (const { alternative, seed } of texts) {
    const promptTokens = promptIds.length;
    const common = { promptTokens, ...window, reusedTokens, isReproducible };
    yield { alternative, event: { kind: 'start', seed, ...common } };
  }
  const progress = createProgress(signal, (report, either) =>
    reader.prefill(promptIds.slice(reusedTokens), either, report),
  );
  for await (const step of progress.steps)
    yield { alternative: null, event: { kind: 'prefill', ...step } };
  const logits = await progress.result;
  const startedMs = performance.now();
  using decoder = await reader.fork();

  let running = texts;
  let rows: readonly Float32Array[] = texts.map(() => logits);
  await decoder.select(texts.map(() => 0));
  for (;;) {
    await nextTurn();
    throwIfAborted(signal);
    const going: number[] = [];
    for (const [index, text] of running.entries()) {
      const row = rows[index];
      if (!row) throw new StudioError('internal', 'The run returned too few rows.');
      const reason = text.history.length > decoder.length ? null : yield* goOn(text, row);
      if (reason === null) going.push(index);
      else yield* end(text, reason);
    }
    if (going.length === 0) return;
    await decoder.select(going);
    running = running.filter((_text, index) => going.includes(index));
    // The last token of the shortest text is seen next, with what the others have in its place.
    const seen = Math.min(...running.map(({ history }) => history.length)) - 1;
    await decoder.crop(seen);
    rows = await decoder.forwardRows(
      running.map(({ history }) => history[seen] ?? 0),
      signal,
    );
  }

  /** One token more, or fewer where a phrase is taken back. @returns why the text ends, if it does */
  function* goOn(text: Text, row: Float32Array): Generator<AlternativeEvent, EndReason | null> {
    const { alternative, chooser, assembler, history } = text;
    for (;;) {
      // Where all of the text was taken back, what follows the prompt is known.
      const choice = chooser.choose(history.length === promptIds.length ? logits : row, history);
      if (choice === null || model.endIds.has(choice.tokenId)) return 'end-of-text';
      chooser.accept(choice.tokenId);
      history.push(choice.tokenId);
      const { settled, stopped, takenBack } = assembler.push(
        { kind: 'token', ...choice },
        model.tokenizer.bytesOf(choice.tokenId),
      );
      const [first] = takenBack;
      if (first) {
        history.length -= takenBack.length;
        chooser.rewind(takenBack.length);
        chooser.exclude(first.tokenId);
        if (history.length > promptIds.length) return null;
        continue;
      }
      for (const event of toEvents(settled)) yield { alternative, event };
      if (stopped) return 'stop-string';
      if (history.length - promptIds.length >= request.maxTokens) return 'max-tokens';
      return history.length >= model.contextLength ? 'context-full' : null;
    }
  }

  function* end(
    { alternative, assembler, history }: Text,
    reason: EndReason,
  ): Generator<AlternativeEvent> {
    for (const event of toEvents(assembler.finish())) yield { alternative, event };
    const tokens = history.length - promptIds.length;
    const tokensPerSecond = (1000 * tokens) / Math.max(1, performance.now() - startedMs);
    const none = { draftedTokens: 0, acceptedTokens: 0 };
    yield { alternative, event: { kind: 'done', reason, tokens, tokensPerSecond, ...none } };
  }
}
