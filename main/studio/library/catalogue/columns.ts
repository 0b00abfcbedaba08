/**
 * What pictures are found and sorted by, as columns in memory: one entry per picture, in the order of
 * their keys, which is that of their making.
 *
 * Text columns hold codes of a dictionary, since few models and samplers make many pictures.
 */
import { z } from 'zod';
import type { ReadableDatabase } from '../database/connection.ts';

export const codedColumns = [
  'flag',
  'label',
  'format',
  'source',
  'program',
  'model',
  'sampler',
  'schedule',
  'loras',
  'tags',
] as const;
export type CodedColumn = (typeof codedColumns)[number];

/** Bits of `states`. */
export const states = { trashed: 1, missing: 2, sheet: 4, recipe: 8, note: 16 } as const;

export interface Columns {
  /** f64 [n], ascending */
  seqs: Float64Array;
  /** u8 [n · 16] */
  ids: Uint8Array;
  widths: Int32Array;
  heights: Int32Array;
  /** Milliseconds since 1970. */
  createdAts: Float64Array;
  ratings: Uint8Array;
  states: Uint8Array;
  /** NaN where there is none. */
  seeds: Float64Array;
  steps: Float64Array;
  cfgs: Float64Array;
  /** As `images.index` gives them, four bytes each. */
  colours: Uint32Array;
  coded: Record<CodedColumn, Uint32Array>;
}

/** The texts that the codes of a column stand for; grows, and never forgets. */
export interface Dictionary {
  readonly texts: readonly string[];
  /** The lines of each text, in lower case as they are compared. */
  readonly lines: readonly (readonly string[])[];
  codeOf(text: string): number;
}

export type Dictionaries = Readonly<Record<CodedColumn, Dictionary>>;

export function createDictionaries(): Dictionaries {
  return Object.fromEntries(codedColumns.map((name) => [name, createDictionary()])) as Dictionaries;
}

function createDictionary(): Dictionary {
  const texts: string[] = [];
  const lines: (readonly string[])[] = [];
  const codes = new Map<string, number>();
  return {
    texts,
    lines,
    codeOf(text) {
      const known = codes.get(text);
      if (known !== undefined) return known;
      const code = texts.length;
      texts.push(text);
      lines.push(text === '' ? [] : text.split('\n'));
      codes.set(text, code);
      return code;
    },
  };
}

const numberColumns = [
  'seq',
  'width',
  'height',
  'created_at',
  'rating',
  'seed',
  'steps',
  'cfg',
  'colour',
] as const;

const ColumnsRow = z.object({
  ids: z.string(),
  states: z.string(),
  ...Object.fromEntries([...numberColumns, ...codedColumns].map((name) => [name, z.string()])),
} as Record<'ids' | 'states' | (typeof numberColumns)[number] | CodedColumn, z.ZodString>);

/** Cannot occur in a value: names and tags hold no control characters, and lists only new lines. */
const separator = '\u001f';

/**
 * @param seqs the pictures to read; null for all
 * @returns columns in the order of the keys
 */
export function readColumns(
  database: ReadableDatabase,
  dictionaries: Dictionaries,
  seqs: readonly number[] | null,
): Columns {
  // One row of JSON lists is several times faster than a row per picture.
  const lists = [
    ...numberColumns.map((name) => `json_group_array(${name}) AS ${name}`),
    ...codedColumns.map((name) => `coalesce(group_concat(${name}, char(31)), '') AS ${name}`),
  ];
  const row = database.get(
    ColumnsRow,
    `SELECT coalesce(group_concat(replace(id, '-', ''), ''), '') AS ids,
       json_group_array(trashed + 2 * missing + 4 * is_sheet + 8 * has_recipe + 16 * has_note) AS states,
       ${lists.join(', ')}
     FROM (SELECT * FROM images ${seqs ? 'WHERE seq IN (SELECT value FROM json_each(?))' : ''} ORDER BY seq)`,
    seqs ? [JSON.stringify(seqs)] : [],
  );
  const numbers = (json: string | undefined) => numbersOf(json ?? '[]');
  const keys = Float64Array.from(numbers(row?.seq));
  const coded = (name: CodedColumn): Uint32Array => {
    const codes = new Uint32Array(keys.length);
    const dictionary = dictionaries[name];
    let last = '';
    let lastCode = dictionary.codeOf('');
    if (keys.length === 0) return codes;
    for (const [index, text] of (row?.[name] ?? '').split(separator).entries()) {
      if (text !== last) {
        last = text;
        lastCode = dictionary.codeOf(text);
      }
      codes[index] = lastCode;
    }
    return codes;
  };
  return {
    seqs: keys,
    ids: new Uint8Array(Buffer.from(row?.ids ?? '', 'hex')),
    widths: Int32Array.from(numbers(row?.width)),
    heights: Int32Array.from(numbers(row?.height)),
    createdAts: Float64Array.from(numbers(row?.created_at)),
    ratings: Uint8Array.from(numbers(row?.rating)),
    states: Uint8Array.from(numbers(row?.states)),
    seeds: floatsOf(row?.seed),
    steps: floatsOf(row?.steps),
    cfgs: floatsOf(row?.cfg),
    colours: Uint32Array.from(numbers(row?.colour)),
    coded: Object.fromEntries(codedColumns.map((name) => [name, coded(name)])) as Columns['coded'],
  };
}

/** What SQLite itself wrote of columns that are STRICT is trusted to be numbers. */
function numbersOf(json: string): number[] {
  return z.custom<number[]>(Array.isArray).parse(JSON.parse(json));
}

function floatsOf(json: string | undefined): Float64Array {
  const values = z.custom<(number | null)[]>(Array.isArray).parse(JSON.parse(json ?? '[]'));
  return Float64Array.from(values, (value) => value ?? Number.NaN);
}

/**
 * Columns with some pictures gone and others come or changed.
 * @param gone keys of pictures that are not among `fresh` and no longer there
 * @param fresh the caller gives it away
 */
export function mergeColumns(old: Columns, gone: ReadonlySet<number>, fresh: Columns): Columns {
  // ≥ 0: from the old ones; below: from the fresh ones, counted from −1.
  const { seqs } = fresh;
  const from = new Int32Array(old.seqs.length + seqs.length);
  let n = 0;
  let at = 0;
  for (let index = 0; index <= old.seqs.length; index += 1) {
    const seq = old.seqs[index] ?? Infinity;
    while (at < seqs.length && (seqs[at] ?? Infinity) < seq) {
      from[n] = -1 - at;
      n += 1;
      at += 1;
    }
    if (index === old.seqs.length) break;
    if (seqs[at] === seq) {
      from[n] = -1 - at;
      n += 1;
      at += 1;
    } else if (!gone.has(seq)) {
      from[n] = index;
      n += 1;
    }
  }
  const gather = <T extends Float64Array | Int32Array | Uint8Array | Uint32Array>(
    before: T,
    added: T,
    into: T,
    width = 1,
  ): T => {
    for (let index = 0; index < n; index += 1) {
      const source = from[index] ?? 0;
      const values = source >= 0 ? before : added;
      const start = (source >= 0 ? source : -1 - source) * width;
      for (let part = 0; part < width; part += 1)
        into[index * width + part] = values[start + part] ?? 0;
    }
    return into;
  };
  return {
    seqs: gather(old.seqs, fresh.seqs, new Float64Array(n)),
    ids: gather(old.ids, fresh.ids, new Uint8Array(n * 16), 16),
    widths: gather(old.widths, fresh.widths, new Int32Array(n)),
    heights: gather(old.heights, fresh.heights, new Int32Array(n)),
    createdAts: gather(old.createdAts, fresh.createdAts, new Float64Array(n)),
    ratings: gather(old.ratings, fresh.ratings, new Uint8Array(n)),
    states: gather(old.states, fresh.states, new Uint8Array(n)),
    seeds: gather(old.seeds, fresh.seeds, new Float64Array(n)),
    steps: gather(old.steps, fresh.steps, new Float64Array(n)),
    cfgs: gather(old.cfgs, fresh.cfgs, new Float64Array(n)),
    colours: gather(old.colours, fresh.colours, new Uint32Array(n)),
    coded: Object.fromEntries(
      codedColumns.map((name) => [
        name,
        gather(old.coded[name], fresh.coded[name], new Uint32Array(n)),
      ]),
    ) as Columns['coded'],
  };
}
