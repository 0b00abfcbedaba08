import { type Candidates, largestLogit } from './candidates.ts';

/**
 * Divides logits by `temperature` > 0: below 1 sharpens, above 1 flattens, 1 is off.
 * Differences to the maximum are divided, so that tiny temperatures cannot overflow.
 */
export function applyTemperature(candidates: Candidates, temperature: number): Candidates {
  if (temperature === 1) return candidates;
  const { tokenIds, logits } = candidates;
  const max = largestLogit(candidates);
  const divided = new Float32Array(logits.length);
  for (let index = 0; index < logits.length; index += 1) {
    // What a tiny temperature makes impossible stays a finite number.
    divided[index] = Math.max(((logits[index] ?? 0) - max) / temperature, -3e38);
  }
  return { tokenIds, logits: divided };
}
