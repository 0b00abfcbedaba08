/** Which picture came from which, both ways. */
import { z } from 'zod';
import { libraryLimits, type ImageSummary, type Lineage } from '../../../contract/images.ts';
import { assetAddress } from './asset-address.ts';
import type { ReadableDatabase } from './database/connection.ts';
import { notFound, summariesOf } from './image-queries.ts';
import { parseRecipe } from './metadata/picture-metadata.ts';

const Through = z.enum([
  'image-to-image',
  'inpaint',
  'outpaint',
  'upscale',
  'branch',
  'control',
  'grid-cell',
]);

const KnownRow = z.object({ seq: z.number().int(), id: z.string(), content_hash: z.string() });
const OriginRow = z.object({ origin: z.string(), through: Through });
const SeedRow = KnownRow.extend({ recipe: z.string().nullable() });

type Edge = Lineage['edges'][number];

/** Pictures of one seed that are compared for variations. */
const maxOfOneSeed = 200;

/**
 * @param hasInput whether an input picture of that content is kept
 * @throws {StudioError} `not-found`
 */
export function lineageOf(
  database: ReadableDatabase,
  id: string,
  depth: number,
  hasInput: (contentHash: string) => boolean,
): Lineage {
  const known = new Map<string, { id: string | null; generation: number }>();
  const edges = new Map<string, Edge>();
  let isCut = false;
  let ring = [id];
  if (!rowOf(database, id)) throw notFound(id);
  known.set(id, { id, generation: 0 });
  for (let step = 0; ring.length > 0; step += 1) {
    if (step === depth) {
      isCut = ring.some((key) => neighboursOf(database, key).some((each) => !known.has(each.key)));
      break;
    }
    const next: string[] = [];
    for (const key of ring) {
      const { generation = 0 } = known.get(key) ?? {};
      for (const neighbour of neighboursOf(database, key)) {
        if (!known.has(neighbour.key)) {
          if (known.size >= libraryLimits.lineageNodes) {
            isCut = true;
            continue;
          }
          known.set(neighbour.key, {
            id: neighbour.isPicture ? neighbour.key : null,
            generation: generation + neighbour.generations,
          });
          if (neighbour.isPicture) next.push(neighbour.key);
        }
        const edge =
          neighbour.generations < 0
            ? { from: neighbour.key, to: key, through: neighbour.through }
            : { from: key, to: neighbour.key, through: neighbour.through };
        edges.set(JSON.stringify(edge), edge);
      }
    }
    ring = next;
  }
  const ids = [...known.values()].flatMap((node) => node.id ?? []);
  const summaries = new Map<string, ImageSummary>(
    summariesOf(database, ids).map((summary) => [summary.id, summary]),
  );
  return {
    nodes: [...known].map(([key, node]) => ({
      key,
      image: node.id === null ? null : (summaries.get(node.id) ?? null),
      inputUrl: node.id === null && hasInput(key) ? assetAddress('input', key) : null,
      generation: node.generation,
    })),
    edges: [...edges.values()],
    isCut,
  };
}

interface Neighbour {
  /** The id of a picture, or the hash or id of what is not in the library. */
  readonly key: string;
  readonly isPicture: boolean;
  readonly generations: -1 | 0 | 1;
  readonly through: Edge['through'];
}

function rowOf(database: ReadableDatabase, id: string) {
  return database.get(KnownRow, 'SELECT seq, id, content_hash FROM images WHERE id = ?', [id]);
}

function neighboursOf(database: ReadableDatabase, id: string): Neighbour[] {
  const row = rowOf(database, id);
  if (!row) return [];
  const origins = database
    .all(OriginRow, 'SELECT origin, through FROM image_origins WHERE seq = ?', [row.seq])
    .map(({ origin, through }): Neighbour => {
      const picture = database.get(
        KnownRow,
        'SELECT seq, id, content_hash FROM images WHERE id = ?1 OR content_hash = ?1 ORDER BY seq LIMIT 1',
        [origin],
      );
      return {
        key: picture?.id ?? origin,
        isPicture: picture !== undefined,
        generations: -1,
        through,
      };
    });
  const descendants = database
    .all(
      OriginRow.extend({ id: z.string() }),
      `SELECT o.origin, o.through, i.id FROM image_origins AS o JOIN images AS i ON i.seq = o.seq
       WHERE o.origin IN (?, ?) ORDER BY i.seq LIMIT ?`,
      [row.content_hash, row.id, libraryLimits.lineageNodes + 1],
    )
    .map(({ id: key, through }): Neighbour => ({ key, isPicture: true, generations: 1, through }));
  const copies = database
    .all(
      KnownRow,
      'SELECT seq, id, content_hash FROM images WHERE content_hash = ? AND id <> ? LIMIT ?',
      [row.content_hash, row.id, libraryLimits.lineageNodes],
    )
    .map((copy): Neighbour => ({
      key: copy.id,
      isPicture: true,
      generations: 0,
      through: 'same-content',
    }));
  return [...origins, ...descendants, ...variationsOf(database, row.seq), ...copies].filter(
    ({ key }) => key !== id,
  );
}

/** Pictures of the same settings but for one variation of their noise more, or less. */
function variationsOf(database: ReadableDatabase, seq: number): Neighbour[] {
  const columns = 'i.seq, i.id, i.content_hash, t.recipe';
  const from = 'images AS i JOIN image_texts AS t ON t.seq = i.seq';
  const own = database.get(SeedRow, `SELECT ${columns} FROM ${from} WHERE i.seq = ?`, [seq]);
  const recipe = parseRecipe(own?.recipe ?? null);
  if (!own || !recipe) return [];
  const { variation } = recipe.settings;
  const same = settingsWithout(recipe.settings);
  const others = database.all(
    SeedRow,
    `SELECT ${columns} FROM ${from} WHERE i.seed = ? AND i.seq <> ? ORDER BY i.seq LIMIT ?`,
    [recipe.settings.seed, seq, maxOfOneSeed],
  );
  return others.flatMap((other): Neighbour[] => {
    const settings = parseRecipe(other.recipe)?.settings;
    if (!settings || settingsWithout(settings) !== same) return [];
    const isParent = isExtendedBy(settings.variation, variation);
    const isChild = isExtendedBy(variation, settings.variation);
    if (!isParent && !isChild) return [];
    const generations = isParent ? -1 : 1;
    return [{ key: other.id, isPicture: true, generations, through: 'variation' }];
  });
}

function settingsWithout({
  variation: _variation,
  ...settings
}: { readonly variation: readonly unknown[] } & object): string {
  return JSON.stringify(settings);
}

/** Whether the second list is the first with one more at its end. */
function isExtendedBy(list: readonly unknown[], longer: readonly unknown[]): boolean {
  return (
    longer.length === list.length + 1 &&
    JSON.stringify(list) === JSON.stringify(longer.slice(0, list.length))
  );
}
