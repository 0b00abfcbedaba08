/** Answers questions about many pictures: which match, in which order, with which values. */
import type { Album } from '../../../../contract/albums.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { imageIdAt } from '../../../../contract/ids.ts';
import type { Facet, ImageIndex, ImageQuery } from '../../../../contract/images.ts';
import { conditionOf } from '../../../../contract/search/condition.ts';
import { clearValues } from '../../../../contract/search/edit.ts';
import type { FacetFieldName } from '../../../../contract/search/fields.ts';
import { parseSearch } from '../../../../contract/search/parse.ts';
import type { SearchTree } from '../../../../contract/search/tree.ts';
import type { TagUse } from '../../../../contract/tags.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { albumsOf, membersOf, type AlbumRow } from './albums.ts';
import type { Catalogue, CatalogueState } from './catalogue.ts';
import { states } from './columns.ts';
import { evaluate, type Question } from './evaluate.ts';
import { facetOf } from './facets.ts';
import { tagCounts } from './in-common.ts';
import { placesInOrder } from './order.ts';
import { countOf, type Selection } from './selection.ts';

export interface Answers {
  index(query: ImageQuery, limit: number | null): ImageIndex;
  facets(
    query: ImageQuery,
    fields: readonly FacetFieldName[],
  ): { readonly total: number; readonly facets: Facet[] };
  albums(): Album[];
  /** What smart albums search for. */
  smartQueries(): readonly string[];
  tags(): TagUse[];
}

/** How pictures look, as far as they were looked at. */
export interface Looks {
  /** Those with a colour near `#rrggbb`. */
  ofColour(state: CatalogueState, hex: string): Selection;
  /** f32 [n], 0 for those that are not alike; null where the picture was not looked at. */
  likenessTo(state: CatalogueState, id: string): Float32Array | null;
}

/** Smart albums within smart albums; deeper ones find nothing, so that a circle ends. */
const maxAlbumDepth = 8;

/** @param now milliseconds since 1970 */
export function createAnswers(
  database: ReadableDatabase,
  catalogue: Catalogue,
  looks: Looks,
  now: () => number,
): Answers {
  function questionOf(state: CatalogueState, albumDepth = 0): Question {
    return {
      database,
      state,
      ofColour: (hex) => looks.ofColour(state, hex),
      ofSmartAlbum: (_id, query) =>
        albumDepth >= maxAlbumDepth
          ? new Uint8Array(state.columns.seqs.length)
          : matching(questionOf(state, albumDepth + 1), parseSearch(query)),
    };
  }

  function matching(question: Question, tree: SearchTree): Selection {
    const condition = conditionOf(tree, now());
    return condition ? evaluate(question, condition) : everything(question.state);
  }

  /** Pictures in the right place, trash or not. */
  function within(state: CatalogueState, selection: Selection, trashed: boolean): Selection {
    const wanted = Number(trashed);
    return selection.map((member, i) =>
      ((state.columns.states[i] ?? 0) & states.trashed) === wanted ? member : 0,
    );
  }

  function albumNamed(state: CatalogueState, id: string): AlbumRow {
    const album = albumsOf(database, state).find((each) => each.id === id);
    if (album) return album;
    throw new StudioError('not-found', 'This album is gone. Reload the gallery.', { id });
  }

  function ofAlbum(question: Question, album: AlbumRow): Selection {
    return album.kind === 'smart'
      ? question.ofSmartAlbum(album.id, album.query ?? '')
      : membersOf(database, question.state, album.id).selection;
  }

  function find(state: CatalogueState, query: ImageQuery, tree: SearchTree) {
    const question = questionOf(state);
    const found = within(state, matching(question, tree), query.trashed);
    if (query.album !== null) {
      const members = ofAlbum(question, albumNamed(state, query.album));
      for (let i = 0; i < found.length; i += 1) found[i] = (found[i] ?? 0) & (members[i] ?? 0);
    }
    const likeness = query.like === null ? null : looks.likenessTo(state, query.like);
    if (query.like !== null) {
      for (let i = 0; i < found.length; i += 1) if ((likeness?.[i] ?? 0) === 0) found[i] = 0;
    }
    return { question, found, likeness };
  }

  return {
    index(query, limit) {
      const state = catalogue.state();
      const tree = parseSearch(query.text);
      const { found, likeness } = find(state, query, tree);
      const { album, order } = query;
      const all = placesInOrder({ database, state, order, album, likeness }, found);
      const places = limit === null ? all : all.subarray(0, limit);
      return {
        version: state.version,
        total: all.length,
        ...layoutOf(state, places),
        problems: [...tree.problems],
      };
    },
    facets(query, fields) {
      const state = catalogue.state();
      const { question, found } = find(state, query, parseSearch(query.text));
      const facets = fields.map((field) => {
        // Of a field that is asked for, its other values are shown as well.
        const text = clearValues(query.text, field);
        const own =
          text === query.text ? found : find(state, { ...query, text }, parseSearch(text)).found;
        return facetOf(question, field, own);
      });
      return { total: countOf(found), facets };
    },
    albums() {
      const state = catalogue.state();
      const question = questionOf(state);
      return albumsOf(database, state).map((album) => {
        const found = within(state, ofAlbum(question, album), false);
        const order = { database, state, order: album.order, album: album.id, likeness: null };
        const [first] = placesInOrder(order, found);
        const { place: _place, ...shown } = album;
        return {
          ...shown,
          count: countOf(found),
          cover: first === undefined ? null : imageIdAt(state.columns.ids, first),
        };
      });
    },
    smartQueries: () => albumsOf(database, catalogue.state()).flatMap(({ query }) => query ?? []),
    tags() {
      const state = catalogue.state();
      return tagCounts(state, within(state, everything(state), false));
    },
  };
}

function everything({ columns }: CatalogueState): Selection {
  return new Uint8Array(columns.seqs.length).fill(1);
}

/** The largest side that two bytes hold. */
const maxSide = 65_535;

function layoutOf(
  { columns }: CatalogueState,
  places: Uint32Array,
): Pick<ImageIndex, 'ids' | 'sizes' | 'colours'> {
  const ids = new Uint8Array(places.length * 16);
  const sizes = new DataView(new ArrayBuffer(places.length * 4));
  const colours = new Uint32Array(places.length);
  // Eight bytes at a time: both lists begin where such words may.
  const from = new BigUint64Array(
    columns.ids.buffer,
    columns.ids.byteOffset,
    columns.ids.length / 8,
  );
  const to = new BigUint64Array(ids.buffer);
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index] ?? 0;
    to[index * 2] = from[place * 2] ?? 0n;
    to[index * 2 + 1] = from[place * 2 + 1] ?? 0n;
    colours[index] = columns.colours[place] ?? 0;
    const width = columns.widths[place] ?? 1;
    const height = columns.heights[place] ?? 1;
    const scale = Math.min(1, maxSide / Math.max(width, height));
    sizes.setUint16(index * 4, Math.max(1, Math.round(width * scale)), true);
    sizes.setUint16(index * 4 + 2, Math.max(1, Math.round(height * scale)), true);
  }
  return { ids, sizes: new Uint8Array(sizes.buffer), colours: new Uint8Array(colours.buffer) };
}
