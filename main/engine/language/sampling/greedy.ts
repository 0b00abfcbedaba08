/** @returns the index of the largest logit, the first among equals. @throws {RangeError} if one is NaN */
export function argmax(logits: Float32Array): number {
  let best = 0;
  let max = -Infinity;
  for (let index = 0; index < logits.length; index += 1) {
    const logit = logits[index] ?? NaN;
    if (Number.isNaN(logit)) throw new RangeError(`The logit of token ${index} is not a number.`);
    if (logit > max) {
      max = logit;
      best = index;
    }
  }
  return best;
}
