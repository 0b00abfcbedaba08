/** The likeliest text that a search over beams finds, as the events of a request. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BeamSettings } from '../../../contract/decoding.ts';
import type { WriteEvent, WriteRequest } from '../../../contract/write.ts';
import { beamSearch } from './beam-search.ts';
import { asModelError, createTokenChooser } from './choose-token.ts';
import type { Decoder } from './decoder.ts';
import type { EndReason, TokenEvent } from './generate.ts';
import { createTextAssembler } from './text-assembler.ts';
import type { TextModel } from './text-model.ts';

/**
 * Nothing is written before the search has ended. The search goes on in a fork, so that `decoder` keeps the
 * prompt; the text found is then read once more for the probability of each token.
 * @param decoder has seen the prompt
 * @param logits f32 [V], what follows the prompt
 * Biases, forms and penalties count; what draws does not.
 * @throws {StudioError} `model-invalid` for logits that mean nothing; as `Session.run`
 */
export async function* writeByBeams(
  decoder: Decoder,
  logits: Float32Array,
  model: TextModel,
  request: WriteRequest,
  beams: BeamSettings,
  promptIds: readonly number[],
  signal?: AbortSignal,
): AsyncGenerator<WriteEvent, void, undefined> {
  const { tokenizer, endIds, contextLength } = model;
  const promptTokens = promptIds.length;
  // At temperature 0 only what changes scores is left of the samplers.
  const sampling = { ...request.sampling, temperature: 0 };
  const chooser = createTokenChooser(model, { ...request, sampling }, 0);
  const startedMs = performance.now();
  const maxTokens = Math.max(1, Math.min(request.maxTokens, contextLength - promptTokens));
  using searching = await decoder.fork();
  const [best] = await beamSearch(searching, logits, {
    ...beams,
    maxTokens,
    endIds,
    shape(logProbabilities, tokenIds) {
      chooser.follow(tokenIds);
      return chooser.shape(logProbabilities, [...promptIds, ...tokenIds]);
    },
    ...(signal ? { signal } : {}),
    onStep: () => nextTurn(),
  }).catch((cause: unknown) => {
    throw asModelError(cause);
  });
  const found = best?.tokenIds ?? [];
  const hasEnd = endIds.has(found.at(-1) ?? -1);
  const tokenIds = hasEnd ? found.slice(0, -1) : found;
  const seen = tokenIds.length > 1 ? await decoder.forwardAll(tokenIds.slice(0, -1), signal) : [];
  await decoder.crop(promptTokens);

  const assembler = createTextAssembler<Omit<TokenEvent, 'text'>>(request.stop);
  const rows = [logits, ...seen];
  // A text that nothing may follow ends without a token that says so.
  const isWhole = hasEnd || found.length < maxTokens;
  let reason: EndReason = isWhole ? 'end-of-text' : 'max-tokens';
  if (!isWhole && maxTokens < request.maxTokens) reason = 'context-full';
  let tokens = 0;
  for (const [index, tokenId] of tokenIds.entries()) {
    const row = rows[index];
    if (!row) break;
    const choice = chooser.describe(tokenId, row);
    tokens += 1;
    const { settled, stopped } = assembler.push(
      { kind: 'token', ...choice },
      tokenizer.bytesOf(tokenId),
    );
    for (const { token, text } of settled) yield { ...token, text };
    if (stopped) {
      reason = 'stop-string';
      break;
    }
  }
  for (const { token, text } of assembler.finish()) yield { ...token, text };
  const seconds = (performance.now() - startedMs) / 1000;
  const tokensPerSecond = seconds > 0 ? tokens / seconds : 0;
  yield { kind: 'done', reason, tokens, tokensPerSecond, draftedTokens: 0, acceptedTokens: 0 };
}
