/** Puts found pictures in order. */
import type { ImageOrder } from '../../../../contract/images.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { NumberList } from '../number-list.ts';
import { membersOf } from './albums.ts';
import { derivedOf, type CatalogueState } from './catalogue.ts';
import { countOf, firstAtLeast, type Selection } from './selection.ts';

export interface OrderQuestion {
  readonly database: ReadableDatabase;
  readonly state: CatalogueState;
  readonly order: ImageOrder;
  readonly album: string | null;
  /** f32 [n], how alike each picture is to the one asked for; null where that is not known. */
  readonly likeness: Float32Array | null;
}

/** @returns u32 [n], places in the columns */
export function placesInOrder(question: OrderQuestion, selection: Selection): Uint32Array {
  const { state, order, likeness } = question;
  const { columns } = state;
  const newest = newestFirst(selection);
  switch (order) {
    case 'newest':
      return newest;
    case 'oldest':
      return newest.reverse();
    case 'rating':
      return buckets(newest, (place) => 5 - (columns.ratings[place] ?? 0));
    case 'largest':
      return byKey(
        newest,
        (place) => -(columns.widths[place] ?? 0) * (columns.heights[place] ?? 0),
      );
    case 'name':
      return inList(newest, namesInOrder(question));
    case 'similar':
      return likeness ? byKey(newest, (place) => -(likeness[place] ?? 0)) : newest;
    case 'album': {
      if (question.album === null) return newest;
      const { keys } = membersOf(question.database, state, question.album);
      return inList(newest, placesOf(state, keys));
    }
    default:
      return order satisfies never;
  }
}

function newestFirst(selection: Selection): Uint32Array {
  const places = new Uint32Array(countOf(selection));
  let at = 0;
  for (let i = selection.length - 1; i >= 0; i -= 1) {
    if (selection[i] !== 1) continue;
    places[at] = i;
    at += 1;
  }
  return places;
}

function buckets(places: Uint32Array, bucketOf: (place: number) => number): Uint32Array {
  const lists: number[][] = [[], [], [], [], [], []];
  for (const place of places) lists[bucketOf(place)]?.push(place);
  return Uint32Array.from(lists.flat());
}

/** The newer one first where keys are the same. */
function byKey(places: Uint32Array, keyOf: (place: number) => number): Uint32Array {
  const keys = Float64Array.from(places, keyOf);
  const order = Uint32Array.from(places, (_place, index) => index);
  order.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  return order.map((index) => places[index] ?? 0);
}

/** In the order of a list; those that are not on it come last. */
function inList(places: Uint32Array, list: Uint32Array): Uint32Array {
  const highest = places.reduce((most, place) => Math.max(most, place), 0);
  const isWanted = new Uint8Array(highest + 1);
  for (const place of places) isWanted[place] = 1;
  const ordered = new Uint32Array(places.length);
  let at = 0;
  for (const wanted of [list, places]) {
    for (let index = 0; index < wanted.length; index += 1) {
      const place = wanted[index] ?? 0;
      if (isWanted[place] !== 1) continue;
      // Once each.
      isWanted[place] = 0;
      ordered[at] = place;
      at += 1;
    }
  }
  return ordered;
}

/** Every picture in the order of its file's name. */
function namesInOrder({ database, state }: OrderQuestion): Uint32Array {
  return derivedOf(state, 'names', () => {
    const keys =
      database.get(
        NumberList,
        'SELECT json_group_array(seq) AS numbers FROM (SELECT seq FROM images ORDER BY name_key, seq)',
      )?.numbers ?? [];
    return placesOf(state, keys);
  });
}

function placesOf({ columns: { seqs } }: CatalogueState, keys: readonly number[]): Uint32Array {
  const places = new Uint32Array(keys.length);
  let count = 0;
  for (const key of keys) {
    const place = firstAtLeast(seqs, key);
    if (seqs[place] !== key) continue;
    places[count] = place;
    count += 1;
  }
  return places.subarray(0, count);
}
