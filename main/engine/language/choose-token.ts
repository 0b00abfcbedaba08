/**
 * Which token comes next: what a request says about it, applied to the model's logits.
 *
 * Promises: probabilities, surprisals and alternatives are the model's own, before any sampler changed
 * them; one random number per choice, none where the choice is greedy.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { TokenAlternative, WriteRequest } from '../../../contract/write.ts';
import { rawDistribution } from './logits/raw-distribution.ts';
import { logSumExp } from './logits/softmax.ts';
import { allCandidates, type Candidates } from './sampling/candidates.ts';
import { applyTemperature } from './sampling/temperature.ts';
import { argmax } from './sampling/greedy.ts';
import { draw } from './sampling/draw.ts';
import { minP } from './sampling/min-p.ts';
import { applyRepetitionPenalty } from './sampling/repetition-penalty.ts';
import { topK } from './sampling/top-k.ts';
import { topP } from './sampling/top-p.ts';
import { createUniform } from './sampling/xoshiro.ts';
import type { TextModel } from './text-model.ts';

export interface TokenChoice {
  readonly tokenId: number;
  readonly probability: number;
  readonly surprisalBits: number;
  readonly alternatives: TokenAlternative[];
}

export interface TokenChooser {
  /**
   * @param logits f32 [V], the model's output at the last position; not modified
   * @param history every token so far, the prompt's included
   * @throws {StudioError} `model-invalid` for logits that mean nothing
   */
  choose(logits: Float32Array, history: readonly number[]): TokenChoice;
  /** What `choose` draws from: the softmax of these logits. At temperature 0 one candidate. */
  distribution(logits: Float32Array, history: readonly number[]): Candidates;
  /** A token that was chosen otherwise, as `choose` would report it. */
  describe(tokenId: number, logits: Float32Array): TokenChoice;
}

export function createTokenChooser(
  { tokenizer }: Pick<TextModel, 'tokenizer'>,
  { sampling, topAlternatives }: Pick<WriteRequest, 'sampling' | 'topAlternatives'>,
  seed: number,
): TokenChooser {
  const nextUniform = createUniform(seed);

  function distribution(logits: Float32Array, history: readonly number[]): Candidates {
    return meaningful(() => {
      requireNumbers(logits);
      const { penaltyWindow, repetitionPenalty, temperature } = sampling;
      const window = penaltyWindow === 0 ? [] : history.slice(-penaltyWindow);
      const penalised = applyRepetitionPenalty(logits, window, repetitionPenalty);
      if (temperature === 0)
        return { tokenIds: Int32Array.of(argmax(penalised)), logits: Float32Array.of(0) };
      let candidates = topK(allCandidates(penalised), sampling.topK);
      candidates = topP(candidates, sampling.topP);
      candidates = minP(candidates, sampling.minP);
      return applyTemperature(candidates, temperature);
    });
  }

  function describe(tokenId: number, logits: Float32Array): TokenChoice {
    return describeToken(tokenId, logits, topAlternatives, tokenizer);
  }

  return {
    choose(logits, history) {
      const candidates = distribution(logits, history);
      const [only] = candidates.tokenIds;
      const isCertain = sampling.temperature === 0 && only !== undefined;
      return describe(isCertain ? only : draw(candidates, nextUniform()), logits);
    },
    distribution,
    describe,
  };
}

/**
 * @param logits f32 [V], not modified
 * @throws {StudioError} `model-invalid` for logits that mean nothing
 */
export function describeToken(
  tokenId: number,
  logits: Float32Array,
  topAlternatives: number,
  tokenizer: TextModel['tokenizer'],
): TokenChoice {
  return meaningful(() => {
    const raw = rawDistribution(logits);
    return {
      tokenId,
      probability: raw.probabilityOf(tokenId),
      surprisalBits: surprisalBits(raw.probabilityOf(tokenId), tokenId, logits),
      alternatives: raw
        .top(topAlternatives)
        .map((choice) => ({ ...choice, text: tokenizer.textOf(choice.tokenId) })),
    };
  });
}

/** Also where the probability is too small for a number. */
function surprisalBits(probability: number, tokenId: number, logits: Float32Array): number {
  if (probability > 0) return -Math.log2(probability);
  return (logSumExp(logits) - (logits[tokenId] ?? -Infinity)) / Math.LN2;
}

/** @throws {RangeError} if one is NaN or +∞, or all are −∞ */
function requireNumbers(logits: Float32Array): void {
  let max = -Infinity;
  for (const logit of logits) {
    if (Number.isNaN(logit)) throw new RangeError('A logit is not a number.');
    if (logit > max) max = logit;
  }
  if (!Number.isFinite(max)) throw new RangeError('The logits have no finite maximum.');
}

function meaningful<T>(compute: () => T): T {
  try {
    return compute();
  } catch (cause) {
    throw asModelError(cause);
  }
}

/** What functions over logits throw for numbers that mean nothing, in words; anything else as it is. */
export function asModelError(cause: unknown): unknown {
  if (!(cause instanceof RangeError)) return cause;
  return new StudioError(
    'model-invalid',
    'The text model produced numbers that mean nothing. Its weights are damaged: import it again.',
    undefined,
    { cause },
  );
}
