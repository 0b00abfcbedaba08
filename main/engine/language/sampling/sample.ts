/** The samplers in llama.cpp's order: penalties → top-k → top-p → min-p → temperature → draw. */
import type { SamplingSettings } from '../../../../contract/write.ts';
import { allCandidates } from './candidates.ts';
import { draw } from './draw.ts';
import { argmax } from './greedy.ts';
import { minP } from './min-p.ts';
import { applyRepetitionPenalty } from './repetition-penalty.ts';
import { applyTemperature } from './temperature.ts';
import { topK } from './top-k.ts';
import { topP } from './top-p.ts';

/**
 * @param logits f32 [V], the model's output at the last position; not modified
 * @param history every token so far, prompt included
 * @param nextUniform called once, and not at all at temperature 0, which is greedy
 * @returns a token id
 * @throws {RangeError} if the logits are not finite numbers
 */
export function sampleToken(
  logits: Float32Array,
  history: readonly number[],
  settings: SamplingSettings,
  nextUniform: () => number,
): number {
  const window = settings.penaltyWindow === 0 ? [] : history.slice(-settings.penaltyWindow);
  const penalised = applyRepetitionPenalty(logits, window, settings.repetitionPenalty);
  if (settings.temperature === 0) return argmax(penalised);
  let candidates = topK(allCandidates(penalised), settings.topK);
  candidates = topP(candidates, settings.topP);
  candidates = minP(candidates, settings.minP);
  candidates = applyTemperature(candidates, settings.temperature);
  return draw(candidates, nextUniform());
}
