/** Where keys put the pictures of an album. Pure. */
import { verticalNeighbour, type JustifiedLayout } from './justified-layout.ts';

/**
 * @param key pressed with Alt
 * @param places of the pictures that move, ascending, at least one
 * @returns the place before which they are put, the number of pictures for the end; null for
 *   another key, and where they stand there already
 */
export function placeToPut(
  key: string,
  layout: JustifiedLayout,
  places: readonly number[],
): number | null {
  const [first = 0] = places;
  const last = places.at(-1) ?? first;
  const { count } = layout.shapes;
  const wanted = placeAfterKey();
  if (wanted === null) return null;
  const place = Math.min(count, Math.max(0, wanted));
  return isInPlace(places, place) ? null : place;

  function placeAfterKey(): number | null {
    switch (key) {
      case 'ArrowLeft':
        return first - 1;
      case 'ArrowRight':
        return last + 2;
      case 'ArrowUp':
        return verticalNeighbour(layout, first, -1);
      case 'ArrowDown': {
        const below = verticalNeighbour(layout, last, 1);
        return below === last ? last + 1 : below + 1;
      }
      case 'Home':
        return 0;
      case 'End':
        return count;
      default:
        return null;
    }
  }
}

/** Whether pictures that are put there stay where they are. @param places ascending */
export function isInPlace(places: readonly number[], before: number): boolean {
  const [first = 0] = places;
  const last = places.at(-1) ?? first;
  return last - first === places.length - 1 && before >= first && before <= last + 1;
}
