/** The nearest of many descriptors, by looking at all of them and leaving most after a few numbers. */
import { descriptorLength } from './descriptor.ts';

interface Found {
  readonly place: number;
  /** Squared. */
  readonly distance: number;
}

/** Numbers that are compared before the sum is looked at. */
const stride = 16;

/**
 * @param wanted i8 [192]
 * @param descriptors i8 [≥ count,192]; not modified
 * @returns at most `most`, the nearest first; of equally near ones those that lie first
 */
export function nearestTo(
  wanted: Int8Array,
  descriptors: Int8Array,
  count: number,
  most: number,
): readonly Found[] {
  if (wanted.length !== descriptorLength)
    throw new RangeError(`A descriptor has ${descriptorLength} numbers, not ${wanted.length}.`);
  if (most <= 0) return [];
  /** Sorted, the nearest first: `most` is small, and few get in once it is full. */
  const found: Found[] = [];
  let bound = Infinity;
  for (let place = 0; place < count; place += 1) {
    const start = place * descriptorLength;
    let distance = 0;
    for (let from = 0; from < descriptorLength && distance < bound; from += stride) {
      for (let at = from; at < from + stride; at += 1) {
        const difference = (wanted[at] as number) - (descriptors[start + at] as number);
        distance += difference * difference;
      }
    }
    if (distance >= bound) continue;
    let at = found.length;
    while (at > 0 && (found[at - 1]?.distance ?? 0) > distance) at -= 1;
    found.splice(at, 0, { place, distance });
    if (found.length > most) found.pop();
    if (found.length === most) bound = found.at(-1)?.distance ?? Infinity;
  }
  return found;
}
