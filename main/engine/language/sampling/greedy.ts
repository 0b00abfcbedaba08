/** @returns the index of the largest logit, the first among equals. @throws {RangeError} if one is NaN */
export function argmax(logits: Float32Array): number {
  let best = 0;
  let max = -Infinity;
  logits.forEach((logit, index) => {
    if (Number.isNaN(logit)) throw new RangeError('A logit is not a number.');
    if (logit > max) {
      max = logit;
      best = index;
    }
  });
  return best;
}
