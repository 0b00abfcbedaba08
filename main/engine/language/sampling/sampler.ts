/**
 * The samplers of one text, run in the order that its settings name.
 *
 * Promises: the same seed and logits give the same tokens; temperature 0 draws nothing and takes the
 * likeliest token after penalties, whatever the other settings are; what a stage leaves out no later
 * one brings back. Only `accept` and `rewind` change what later tokens are drawn from, besides the
 * stream of random numbers, which never runs backwards: a place that is written anew gets a new draw.
 */
import type { SamplerStage, SamplingSettings } from '../../../../contract/write.ts';
import { type Candidates, pick } from './candidates.ts';
import { draw } from './draw.ts';
import { dry } from './dry.ts';
import { createDryBreakers } from './dry-breakers.ts';
import { applyDynamicTemperature } from './dynamic-temperature.ts';
import { argmax } from './greedy.ts';
import { minP } from './min-p.ts';
import { firstMu, mirostat, mirostatCut, nextMu } from './mirostat.ts';
import { noRepeatNgram } from './no-repeat-ngram.ts';
import { penalise } from './penalties.ts';
import { applyTemperature } from './temperature.ts';
import { topK } from './top-k.ts';
import { topNSigma } from './top-n-sigma.ts';
import { topP } from './top-p.ts';
import { typical } from './typical.ts';
import { xtc } from './xtc.ts';
import { createUniform } from './xoshiro.ts';

export interface Sampler {
  /**
   * @param history every token so far, the prompt's included
   * @returns a token id
   */
  sample(candidates: Candidates, history: readonly number[]): number;
  /** What `sample` draws from, before the draw and before Mirostat's cut. */
  shape(candidates: Candidates, history: readonly number[]): Candidates;
  /**
   * What `sample` draws from, for whoever draws by other means: the softmax of these logits, one
   * candidate at temperature 0. A token of them that is accepted next counts as drawn.
   */
  distribution(candidates: Candidates, history: readonly number[]): Candidates;
  /** The token is part of the text from now on; usually the one last drawn, but any will do. */
  accept(tokenId: number): void;
  /** The last `count` accepted tokens are no longer part of the text. */
  rewind(count: number): void;
}

export interface SamplerContext {
  readonly seed: number;
  /** UTF-8 bytes of a token, for what DRY takes as breakers. */
  readonly bytesOf: (tokenId: number) => Uint8Array;
}

/** Stages that Mirostat's own cut stands in for. */
const cutting = new Set<SamplerStage>(['top-n-sigma', 'top-k', 'typical', 'top-p', 'min-p', 'xtc']);
/** Stages that count at temperature 0. */
const penalising = new Set<SamplerStage>(['penalties', 'no-repeat-ngram', 'dry']);

export function createSampler(
  settings: SamplingSettings,
  { seed, bytesOf }: SamplerContext,
): Sampler {
  const nextUniform = createUniform(seed);
  const breakers = createDryBreakers(settings.dryBreakers, bytesOf);
  const isGreedy = settings.temperature === 0;
  const usesMirostat = !isGreedy && settings.mirostatTau > 0;
  const mirostatSettings = { tau: settings.mirostatTau, eta: settings.mirostatEta };
  /** μ before each accepted token, and before the next one. */
  const mus = [firstMu(mirostatSettings)];
  /** μ after the next token, where it is one that was drawn. */
  let muAfter: (tokenId: number) => number | null = () => null;

  const run: Readonly<
    Record<SamplerStage, (candidates: Candidates, history: readonly number[]) => Candidates>
  > = {
    penalties: (candidates, history) =>
      penalise(candidates, history, {
        repetition: settings.repetitionPenalty,
        frequency: settings.frequencyPenalty,
        presence: settings.presencePenalty,
        window: settings.penaltyWindow,
      }),
    'no-repeat-ngram': (candidates, history) =>
      noRepeatNgram(candidates, history, settings.noRepeatNgram),
    dry: (candidates, history) =>
      dry(
        candidates,
        history,
        {
          multiplier: settings.dryMultiplier,
          base: settings.dryBase,
          allowedLength: settings.dryAllowedLength,
          window: settings.dryWindow,
        },
        breakers,
      ),
    'top-n-sigma': (candidates) => topNSigma(candidates, settings.topNSigma),
    'top-k': (candidates) => topK(candidates, settings.topK),
    typical: (candidates) => typical(candidates, settings.typicalP),
    'top-p': (candidates) => topP(candidates, settings.topP),
    'min-p': (candidates) => minP(candidates, settings.minP),
    xtc: (candidates) =>
      xtc(
        candidates,
        { probability: settings.xtcProbability, threshold: settings.xtcThreshold },
        nextUniform,
      ),
    temperature: (candidates) =>
      settings.dynamicTemperatureHigh > 0
        ? applyDynamicTemperature(candidates, {
            low: settings.dynamicTemperatureLow,
            high: settings.dynamicTemperatureHigh,
            exponent: settings.dynamicTemperatureExponent,
          })
        : applyTemperature(candidates, settings.temperature),
  };
  const stages = settings.order
    .filter((stage) => (isGreedy ? penalising.has(stage) : !(usesMirostat && cutting.has(stage))))
    .map((stage) => run[stage]);

  const shape = (candidates: Candidates, history: readonly number[]): Candidates =>
    stages.reduce((left, stage) => stage(left, history), candidates);

  return {
    shape,
    sample(candidates, history) {
      const left = shape(candidates, history);
      if (isGreedy) return left.tokenIds[argmax(left.logits)] ?? 0;
      if (!usesMirostat) return draw(left, nextUniform());
      const drawn = mirostat(left, mus.at(-1) ?? 0, mirostatSettings, nextUniform());
      muAfter = (tokenId) => (tokenId === drawn.tokenId ? drawn.mu : null);
      return drawn.tokenId;
    },
    distribution(candidates, history) {
      const left = shape(candidates, history);
      if (isGreedy) return pick(left, Int32Array.of(argmax(left.logits)));
      if (!usesMirostat) return left;
      const mu = mus.at(-1) ?? 0;
      const kept = mirostatCut(left, mu);
      muAfter = (tokenId) => nextMu(kept, tokenId, mu, mirostatSettings);
      return kept;
    },
    accept(tokenId) {
      // A token that somebody else chose tells nothing about how surprising the draws are.
      mus.push(muAfter(tokenId) ?? mus.at(-1) ?? 0);
      muAfter = () => null;
    },
    rewind(count) {
      mus.length = Math.max(1, mus.length - count);
      muAfter = () => null;
    },
  };
}
