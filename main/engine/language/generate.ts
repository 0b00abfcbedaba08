/**
 * Continues a text token by token.
 *
 * Promises: one `start`, then `prefill` as the prompt is read, then tokens, then one `done`; the same
 * request, seed, model and provider give the same text, also where an earlier request's prefix is used
 * again (unless `prefixReuse` is `full`); a cancel takes effect before the next run, which is at most one
 * token or one piece of the prompt away; other work of the process gets its turn between runs.
 *
 * With drafts the model checks several tokens in one run. Greedy text stays the same, sampled text keeps
 * its distribution, and with prompt lookup the very words for a seed, as far as runs of several tokens
 * round as runs of one do. That holds with every sampler: the chooser goes on only with tokens that have
 * become part of the text.
 *
 * A banned phrase is taken back, and the text goes another way from the token in which it began.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StudioError } from '../../../contract/errors.ts';
import type { WriteEvent, WriteRequest } from '../../../contract/write.ts';
import type { SessionPool } from '../session.ts';
import { writeByBeams } from './beam-text.ts';
import { createTokenChooser, type TokenChoice } from './choose-token.ts';
import { noDraft } from './draft.ts';
import { openDrafter } from './open-drafter.ts';
import { createPrefixCache, type PrefixCache } from './prefix-cache.ts';
import { createProgress } from './progress.ts';
import { readPrompt } from './prompt.ts';
import { createUniform } from './sampling/xoshiro.ts';
import { verifyToken } from './speculative-sampling.ts';
import { createTextAssembler, type TokenText } from './text-assembler.ts';
import type { TextModel } from './text-model.ts';
import { borrowTextSessions } from './text-sessions.ts';

export interface GenerateOptions {
  readonly signal?: AbortSignal;
  /** For requests without a seed. */
  readonly drawSeed: () => number;
  /** Where what the model sees is kept for later requests; nowhere if left out. */
  readonly prefixes?: PrefixCache;
  /** For requests whose `draft` names a model. */
  readonly draftModel?: TextModel | null;
}

export type TokenEvent = Extract<WriteEvent, { kind: 'token' }>;
export type EndReason = Extract<WriteEvent, { kind: 'done' }>['reason'];

/**
 * @throws {StudioError} `cancelled`; `bad-request` and `too-large` as `readPrompt`, `bad-request` as
 *   `createTokenChooser`; `model-missing`, `model-invalid`, `out-of-memory`; `unsupported`, also for beams
 *   together with banned phrases
 */
export async function* generateText(
  pool: SessionPool,
  model: TextModel,
  request: WriteRequest,
  options: GenerateOptions,
): AsyncGenerator<WriteEvent, void, undefined> {
  const { signal, drawSeed, prefixes = createPrefixCache(0) } = options;
  if (request.beams && request.bannedPhrases.length > 0) {
    throw new StudioError(
      'unsupported',
      'A search over beams cannot take phrases back. Leave out the banned phrases or the beams, or ban tokens by their bias.',
    );
  }
  const seed = request.seed ?? drawSeed();
  const { promptIds, ...window } = readPrompt(model, request);
  // Before the model is opened: what cannot be followed should cost nobody a wait.
  const chooser = createTokenChooser(model, request, seed);
  throwIfAborted(signal);
  await using sessions = await borrowTextSessions(pool, model, request.weights, signal);
  const decoder = await prefixes.open(sessions, model, promptIds, request.prefixReuse);
  const history = [...promptIds];
  try {
    const reusedTokens = decoder.length;
    yield {
      kind: 'start',
      seed,
      promptTokens: promptIds.length,
      ...window,
      reusedTokens,
      isReproducible: reusedTokens === decoder.reusable(reusedTokens, true),
    };
    const progress = createProgress(signal, (report, either) =>
      decoder.prefill(promptIds.slice(reusedTokens), either, report),
    );
    for await (const { done, total } of progress.steps) yield { kind: 'prefill', done, total };
    const logits = await progress.result;
    if (request.beams) {
      yield* writeByBeams(decoder, logits, model, request, request.beams, promptIds, signal);
      return;
    }
    await using drafting = await openDrafter(pool, model, request, promptIds.length, seed, options);
    const { drafter } = drafting;
    yield* continueText();

    async function* continueText(): AsyncGenerator<WriteEvent, void, undefined> {
      const nextUniform = createUniform(Number.MAX_SAFE_INTEGER - seed);
      const assembler = createTextAssembler<Omit<TokenEvent, 'text'>>(
        request.stop,
        request.bannedPhrases,
      );
      const startedMs = performance.now();
      let tokens = 0;
      let draftedTokens = 0;
      let acceptedTokens = 0;
      let reason: EndReason | null = null;
      let draft = noDraft;
      /** What follows the text, and what follows each drafted token after it. */
      let rows: readonly Float32Array[] = [logits];

      try {
        for (;;) {
          await nextTurn();
          throwIfAborted(signal);
          for (const [index, row] of rows.entries()) {
            const drafted = draft.tokenIds[index];
            const choice = chooseNext(row, drafted, index);
            if (choice === null || model.endIds.has(choice.tokenId)) {
              reason = 'end-of-text';
              break;
            }
            const { tokenId } = choice;
            chooser.accept(tokenId);
            history.push(tokenId);
            tokens += 1;
            if (tokenId === drafted) acceptedTokens += 1;
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
              break;
            }
            yield* toEvents(settled);
            if (stopped) reason = 'stop-string';
            else if (tokens >= request.maxTokens) reason = 'max-tokens';
            else if (history.length >= model.contextLength) reason = 'context-full';
            // What follows a refused token has no meaning.
            if (reason !== null || tokenId !== drafted) break;
          }
          // The last token is seen with what follows it; of an ended text it may have been seen already.
          // Where all of the text was taken back, what follows the prompt is known.
          const isAtPrompt = history.length === promptIds.length;
          const seen = reason === null && !isAtPrompt ? history.length - 1 : history.length;
          if (decoder.length > seen) await decoder.crop(seen);
          if (reason !== null) break;
          if (isAtPrompt) {
            draft = noDraft;
            rows = [logits];
            continue;
          }
          const most = Math.min(
            request.maxTokens - tokens - 1,
            model.contextLength - history.length - 1,
          );
          draft = most > 0 && drafter ? await drafter.propose(history, most, signal) : noDraft;
          draftedTokens += draft.tokenIds.length;
          const last = history.slice(-1);
          rows =
            draft.tokenIds.length === 0
              ? [await decoder.forward(last, signal)]
              : await decoder.forwardAll([...last, ...draft.tokenIds], signal);
        }
      } catch (error) {
        // What was held back is text all the same.
        yield* toEvents(assembler.finish());
        throw error;
      }
      yield* toEvents(assembler.finish());
      const seconds = (performance.now() - startedMs) / 1000;
      const tokensPerSecond = seconds > 0 ? tokens / seconds : 0;
      yield { kind: 'done', reason, tokens, tokensPerSecond, draftedTokens, acceptedTokens };

      function chooseNext(
        row: Float32Array,
        drafted: number | undefined,
        index: number,
      ): TokenChoice | null {
        const drawnFrom = draft.drawnFrom?.[index];
        // A guess that was not drawn is right where the model chooses the same by itself.
        if (drafted === undefined || !drawnFrom) return chooser.choose(row, history);
        const own = chooser.distribution(row, history);
        if (own === null) return null;
        return chooser.describe(verifyToken(own, drawnFrom, drafted, nextUniform).tokenId, row);
      }
    }
  } finally {
    if (decoder.batch === 1) prefixes.keep(sessions, model, decoder, history);
    else decoder[Symbol.dispose]();
  }
}

export function* toEvents(
  settled: readonly TokenText<Omit<TokenEvent, 'text'>>[],
): Generator<TokenEvent> {
  for (const { token, text } of settled) yield { ...token, text };
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
}
