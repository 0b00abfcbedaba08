/** In which order a slideshow goes through pictures. Pure. */

/**
 * @param random draws from 0 up to, but not with, 1
 * @returns every place once, that of `start` first; the rest in order after it and from the
 *   beginning again, or shuffled
 */
export function slideOrder(
  count: number,
  start: number,
  shuffles: boolean,
  random: () => number,
): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, at) => (start + at) % count);
  if (!shuffles) return order;
  // Fisher–Yates; the first one stays.
  for (let at = count - 1; at > 1; at -= 1) {
    const other = 1 + Math.floor(random() * at);
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}
