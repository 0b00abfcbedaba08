/**
 * Every picture of a query in order, as bytes: what the grid is laid out from and the keyboard walks.
 *
 * Promises: nothing is made per picture until it is asked for, so that 100,000 pictures cost what
 * their bytes cost; an index is never changed once it is made.
 */
import { imageIdAt, type ImageId } from '../../../contract/ids.ts';
import type { ImageIndex } from '../../../contract/images.ts';

const idBytes = 16;

export interface PictureIndex {
  readonly count: number;
  /** @returns null beyond the last */
  idAt(place: number): ImageId | null;
  /** @returns −1 for a picture that is not in it */
  placeOf(id: ImageId): number;
  /** Width divided by height. */
  ratioAt(place: number): number;
  /** What most of the picture has, for CSS; null where that is not known. */
  colourAt(place: number): string | null;
  /** Whether there are pictures of which it is not known. */
  readonly lacksColours: boolean;
  /** From one place up to, but not with, another. */
  slice(from: number, to: number): ImageId[];
  /** The same pictures but those. */
  without(ids: ReadonlySet<ImageId>): PictureIndex;
  /** Those, in the order given, put before a picture, or at the end. @param before none of them */
  moved(ids: readonly ImageId[], before: ImageId | null): PictureIndex;
}

/** @param index kept, not copied; nobody may write to its bytes any more */
export function createPictureIndex({
  ids,
  sizes,
  colours,
}: Pick<ImageIndex, 'ids' | 'sizes' | 'colours'>): PictureIndex {
  const count = Math.floor(ids.length / idBytes);
  const sizesView = new DataView(sizes.buffer, sizes.byteOffset, sizes.byteLength);
  let places: Int32Array | null = null;

  function picked(wanted: readonly number[]): PictureIndex {
    const pickedIds = new Uint8Array(wanted.length * idBytes);
    const pickedSizes = new Uint8Array(wanted.length * 4);
    const pickedColours = new Uint8Array(wanted.length * 4);
    for (const [to, place] of wanted.entries()) {
      pickedIds.set(ids.subarray(place * idBytes, (place + 1) * idBytes), to * idBytes);
      pickedSizes.set(sizes.subarray(place * 4, place * 4 + 4), to * 4);
      pickedColours.set(colours.subarray(place * 4, place * 4 + 4), to * 4);
    }
    return createPictureIndex({ ids: pickedIds, sizes: pickedSizes, colours: pickedColours });
  }
  const placesWithout = (gone: ReadonlySet<number>) =>
    Array.from({ length: count }, (_, place) => place).filter((place) => !gone.has(place));

  const index: PictureIndex = {
    count,
    idAt: (place) => (place >= 0 && place < count ? imageIdAt(ids, place) : null),
    placeOf(id) {
      const wanted = bytesOf(id);
      if (!wanted) return -1;
      places ??= hashPlaces(ids, count);
      const mask = places.length - 1;
      for (let slot = hashOf(wanted, 0) & mask; ; slot = (slot + 1) & mask) {
        const place = (places[slot] ?? 0) - 1;
        if (place < 0) return -1;
        if (isAt(ids, place, wanted)) return place;
      }
    },
    ratioAt(place) {
      if (place * 4 + 4 > sizesView.byteLength) return 1;
      const width = sizesView.getUint16(place * 4, true);
      const height = sizesView.getUint16(place * 4 + 2, true);
      return width > 0 && height > 0 ? width / height : 1;
    },
    colourAt(place) {
      const [red, green, blue, known] = colours.subarray(place * 4, place * 4 + 4);
      return known ? `rgb(${red} ${green} ${blue})` : null;
    },
    get lacksColours() {
      for (let at = 3; at < count * 4; at += 4) if (!colours[at]) return true;
      return false;
    },
    slice(from, to) {
      const start = Math.max(0, from);
      const end = Math.min(count, to);
      return Array.from({ length: Math.max(0, end - start) }, (_, at) =>
        imageIdAt(ids, start + at),
      );
    },
    without(removed) {
      const gone = new Set([...removed].map((id) => index.placeOf(id)).filter((at) => at >= 0));
      return gone.size === 0 ? index : picked(placesWithout(gone));
    },
    moved(moving, before) {
      const movingPlaces = moving.map((id) => index.placeOf(id)).filter((at) => at >= 0);
      const others = placesWithout(new Set(movingPlaces));
      const anchor = before === null ? -1 : others.indexOf(index.placeOf(before));
      return picked(others.toSpliced(anchor < 0 ? others.length : anchor, 0, ...movingPlaces));
    },
  };
  return index;
}

export const noPictures = createPictureIndex({
  ids: new Uint8Array(),
  sizes: new Uint8Array(),
  colours: new Uint8Array(),
});

function bytesOf(id: ImageId): Uint8Array | null {
  const digits = id.replaceAll('-', '');
  if (digits.length !== 2 * idBytes) return null;
  const bytes = new Uint8Array(idBytes);
  for (let at = 0; at < idBytes; at += 1)
    bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

function isAt(ids: Uint8Array, place: number, wanted: Uint8Array): boolean {
  const start = place * idBytes;
  for (let at = 0; at < idBytes; at += 1) if (ids[start + at] !== wanted[at]) return false;
  return true;
}

/** Of the random part of a UUID: its first four bytes and its last four. */
function hashOf(ids: Uint8Array, start: number): number {
  const byte = (at: number) => ids[start + at] ?? 0;
  const first = byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
  const last = byte(12) | (byte(13) << 8) | (byte(14) << 16) | (byte(15) << 24);
  return Math.imul(first ^ Math.imul(last, 0x9e3779b1), 0x85ebca6b) >>> 8;
}

/** Open addressing, at most half full; holds places + 1. */
function hashPlaces(ids: Uint8Array, count: number): Int32Array {
  const table = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, 2 * count + 2))));
  const mask = table.length - 1;
  for (let place = 0; place < count; place += 1) {
    let slot = hashOf(ids, place * idBytes) & mask;
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = place + 1;
  }
  return table;
}
