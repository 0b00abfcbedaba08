/** How pictures look, from what was stored of them: colours, likeness, duplicates. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { PictureColour } from '../../../../contract/images.ts';
import { parseAnalysis, type PictureAnalysis } from '../analysis/analyse-picture.ts';
import { parseColour } from '../analysis/colour-names.ts';
import { colourWithin } from '../analysis/dominant-colours.ts';
import { rgbOf } from '../analysis/oklab.ts';
import { createPictureIndex } from '../analysis/picture-index.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { NumberList } from '../number-list.ts';
import type { Looks } from './answer.ts';
import type { CatalogueState } from './catalogue.ts';
import { firstAtLeast } from './selection.ts';

/**
 * What was seen is read when it is first needed, then kept up with what changes. `load` reads it in
 * slices; the others read what is missing at once, which is seconds for a whole large library.
 */
export interface LooksReader extends Looks {
  load(state: () => CatalogueState, signal: AbortSignal): Promise<void>;
  /** The largest share first; empty where the picture was not looked at. */
  coloursOf(contentHash: string): PictureColour[];
  /** Groups of pictures that are the same to the eye, by their keys. */
  alike(state: CatalogueState): readonly (readonly number[])[];
}

const AnalysisRow = z.object({ analysis: z.instanceof(Uint8Array).nullable() });
const KeyedRow = AnalysisRow.extend({ seq: z.number().int() });

/** Read at once: some milliseconds, in which nobody else is answered. */
const slice = 400;

/** Pictures that a search for likeness finds at most. */
const maxAlike = 500;

export function openLooks(database: ReadableDatabase): LooksReader {
  const pictures = createPictureIndex<number>();
  const known = new Set<number>();
  let version: number | null = null;

  /** Forgets those that are gone. @returns the keys that are still to be read */
  function missingIn(state: CatalogueState): readonly number[] {
    if (version === state.version) return [];
    const seen =
      database.get(
        NumberList,
        'SELECT json_group_array(seq) AS numbers FROM images WHERE is_seen = 1',
      )?.numbers ?? [];
    const gone = new Set(known);
    const fresh = seen.filter((seq) => !gone.delete(seq));
    for (const seq of gone) {
      known.delete(seq);
      pictures.remove(seq);
    }
    return fresh;
  }

  function read(seqs: readonly number[]): void {
    const sql = `SELECT i.seq, a.analysis FROM json_each(?) AS wanted JOIN images AS i ON i.seq = wanted.value
      JOIN image_analyses AS a ON a.content_hash = i.content_hash`;
    for (const row of database.each(KeyedRow, sql, [JSON.stringify(seqs)])) {
      known.add(row.seq);
      const analysis = row.analysis && parseAnalysis(row.analysis);
      if (analysis) pictures.add(row.seq, analysis);
    }
  }

  function indexOf(state: CatalogueState) {
    read(missingIn(state));
    version = state.version;
    return pictures;
  }

  function analysisOf(contentHash: string): PictureAnalysis | null {
    const sql = 'SELECT analysis FROM image_analyses WHERE content_hash = ?';
    const stored = database.get(AnalysisRow, sql, [contentHash])?.analysis;
    return stored ? parseAnalysis(stored) : null;
  }

  return {
    async load(state, signal) {
      const missing = missingIn(state());
      for (let from = 0; from < missing.length && !signal.aborted; from += slice) {
        read(missing.slice(from, from + slice));
        await nextTurn();
      }
    },
    ofColour(state, hex) {
      const found = new Uint8Array(state.columns.seqs.length);
      const wanted = parseColour(hex);
      if (!wanted) return found;
      const { seqs } = state.columns;
      indexOf(state).eachWithColour(wanted, colourWithin, (key) => {
        const place = firstAtLeast(seqs, key);
        if (seqs[place] === key) found[place] = 1;
      });
      return found;
    },
    likenessTo(state, id) {
      const sql = `SELECT a.analysis FROM images AS i JOIN image_analyses AS a ON a.content_hash = i.content_hash
        WHERE i.id = ?`;
      const stored = database.get(AnalysisRow, sql, [id])?.analysis;
      const analysis = stored ? parseAnalysis(stored) : null;
      if (!analysis) return null;
      const likeness = new Float32Array(state.columns.seqs.length);
      const nearest = indexOf(state).nearest(analysis.descriptor, maxAlike);
      for (const { key, distance } of nearest) {
        const place = firstAtLeast(state.columns.seqs, key);
        if (state.columns.seqs[place] === key) likeness[place] = 1 / (1 + distance);
      }
      return likeness;
    },
    coloursOf: (contentHash) =>
      (analysisOf(contentHash)?.colours ?? []).map((colour) => ({
        hex: hexOf(rgbOf(colour)),
        share: Math.min(1, colour.share),
      })),
    alike: (state) => indexOf(state).duplicates(),
  };
}

function hexOf(rgb: readonly number[]): string {
  return `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
