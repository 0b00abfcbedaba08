import { logSumExp } from '../logits/softmax.ts';
import { type Candidates, pick } from './candidates.ts';

/** At most one token can be more probable than this, so there is never a choice to exclude. */
const highestThreshold = 0.5;

/**
 * "Exclude top choices": with `probability`, where two or more candidates are at least `threshold`
 * probable, leaves out all of them but the least probable (the last among equals).
 *
 * @param probability 0 is off
 * @param threshold above 0.5 is off
 * @param nextUniform called once where the stage is on, whatever it then does
 * Source: p-e-w 2024, text-generation-webui#6335
 */
export function xtc(
  candidates: Candidates,
  { probability, threshold }: { readonly probability: number; readonly threshold: number },
  nextUniform: () => number,
): Candidates {
  if (probability === 0 || threshold > highestThreshold) return candidates;
  if (nextUniform() >= probability) return candidates;
  const { logits } = candidates;
  const normaliser = logSumExp(logits);
  const likely = new Set<number>();
  let least = -1;
  for (let index = 0; index < logits.length; index += 1) {
    const logit = logits[index] ?? -Infinity;
    if (Math.exp(logit - normaliser) < threshold) continue;
    likely.add(index);
    if (least < 0 || logit <= (logits[least] ?? 0)) least = index;
  }
  if (likely.size < 2) return candidates;
  likely.delete(least);
  const kept = new Int32Array(logits.length - likely.size);
  let place = 0;
  for (let index = 0; index < logits.length; index += 1) {
    if (likely.has(index)) continue;
    kept[place] = index;
    place += 1;
  }
  return pick(candidates, kept);
}
