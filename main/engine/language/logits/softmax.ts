/** Softmax and its logarithm, shifted by the maximum so that no exponential overflows. */
import { exponential } from './exponential.ts';

/**
 * @param logits f32 [V]; −∞ means impossible; not modified
 * @returns ln Σ exp(logits), summed in f64
 * @throws {RangeError} if a logit is NaN or +∞, or all are −∞
 */
export function logSumExp(logits: Float32Array): number {
  let max = -Infinity;
  for (let index = 0; index < logits.length; index += 1) {
    const logit = logits[index] ?? NaN;
    if (Number.isNaN(logit)) throw new RangeError(`The logit of token ${index} is not a number.`);
    if (logit > max) max = logit;
  }
  if (!Number.isFinite(max)) throw new RangeError('The logits have no finite maximum.');
  let sum = 0;
  for (let index = 0; index < logits.length; index += 1)
    sum += exponential((logits[index] ?? -Infinity) - max);
  return max + Math.log(sum);
}

/** @returns new f64 [V], summing to 1 within rounding. @throws {RangeError} as `logSumExp` */
export function softmax(logits: Float32Array): Float64Array {
  const normaliser = logSumExp(logits);
  return Float64Array.from(logits, (logit) => Math.exp(logit - normaliser));
}

/**
 * The normaliser of finite logits together with the entropy of what they stand for.
 * @returns `entropy` in nats, 0 … ln V
 */
export function logSumExpAndEntropy(logits: Float32Array): {
  readonly normaliser: number;
  readonly entropy: number;
} {
  let max = -Infinity;
  for (let index = 0; index < logits.length; index += 1)
    max = Math.max(max, logits[index] ?? -Infinity);
  let sum = 0;
  let weighted = 0;
  for (let index = 0; index < logits.length; index += 1) {
    const shifted = (logits[index] ?? 0) - max;
    const weight = exponential(shifted);
    sum += weight;
    weighted += weight * shifted;
  }
  // H = −Σ p ln p with ln p = shifted − ln Σ; rounding may leave a certain choice just below 0.
  const entropy = Math.max(0, Math.log(sum) - weighted / sum);
  return { normaliser: max + Math.log(sum), entropy };
}
