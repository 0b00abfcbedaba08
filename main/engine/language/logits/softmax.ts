/** Softmax and its logarithm, shifted by the maximum so that no exponential overflows. */

/**
 * @param logits f32 [V]; −∞ means impossible; not modified
 * @returns ln Σ exp(logits), summed in f64
 * @throws {RangeError} if a logit is NaN or +∞, or all are −∞
 */
export function logSumExp(logits: Float32Array): number {
  let max = -Infinity;
  for (const logit of logits) {
    if (Number.isNaN(logit)) throw new RangeError('A logit is not a number.');
    if (logit > max) max = logit;
  }
  if (!Number.isFinite(max)) throw new RangeError('The logits have no finite maximum.');
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - max);
  return max + Math.log(sum);
}

/** @returns new f64 [V], summing to 1 within rounding. @throws {RangeError} as `logSumExp` */
export function softmax(logits: Float32Array): Float64Array {
  const normaliser = logSumExp(logits);
  return Float64Array.from(logits, (logit) => Math.exp(logit - normaliser));
}
