import type { Candidates } from './candidates.ts';

/**
 * Divides logits by `temperature` > 0: below 1 sharpens, above 1 flattens.
 * Differences to the maximum are divided, so that tiny temperatures cannot overflow.
 */
export function applyTemperature(
  { tokenIds, logits }: Candidates,
  temperature: number,
): Candidates {
  const max = logits.reduce((largest, logit) => Math.max(largest, logit), -Infinity);
  return { tokenIds, logits: logits.map((logit) => (logit - max) / temperature) };
}
