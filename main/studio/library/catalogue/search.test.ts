import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { imageIdAt } from '../../../../contract/ids.ts';
import { everyImage } from '../../../../contract/images.ts';
import { conditionOf, type Condition } from '../../../../contract/search/condition.ts';
import { clearValues } from '../../../../contract/search/edit.ts';
import { facetFields, type FacetFieldName } from '../../../../contract/search/fields.ts';
import { parseSearch } from '../../../../contract/search/parse.ts';
import { openReadable, openWritable } from '../database/connection.ts';
import { insertRow } from '../insert-image.ts';
import { recipeOf } from '../library.fixture.ts';
import type { Mark } from '../marks-journal.ts';
import { migrate } from '../migrations/index.ts';
import { createAnswers } from './answer.ts';
import { openCatalogue } from './catalogue.ts';
import { openLooks } from './looks.ts';

const now = new Date(2026, 10, 26, 12).getTime();
const dayMs = 86_400_000;
const vocabulary = ['apple', 'apples', 'red', 'castle', 'cat', 'größe', '猫', '🐈'];

const picture = fc.record({
  words: fc.array(fc.constantFrom(...vocabulary), { maxLength: 4 }),
  negative: fc.constantFrom('', 'blurry', 'red apple'),
  model: fc.constantFrom('Starter', 'starter XL', 'Dreamy'),
  lora: fc.constantFrom(null, 'add_detail', 'Film'),
  seed: fc.integer({ min: 0, max: 5 }),
  steps: fc.integer({ min: 18, max: 22 }),
  cfg: fc.constantFrom(1, 5.5, 7),
  side: fc.constantFrom(64, 128),
  rating: fc.integer({ min: 0, max: 5 }),
  flag: fc.constantFrom(null, 'pick', 'reject'),
  label: fc.constantFrom(null, 'red', 'blue'),
  tags: fc.uniqueArray(fc.constantFrom('Cat', 'sea view', 'castle', 'b"q')),
  note: fc.constantFrom('', 'for the cover', 'castle'),
  day: fc.integer({ min: 0, max: 60 }),
  trashed: fc.boolean(),
});
type Picture = typeof picture extends fc.Arbitrary<infer T> ? T : never;

const terms = `apple | app | "apple" | "red apple" | gros | 猫 | 🐈 | castle | xyz | t-shirt | % | "';--"
  model:start | model=starter | model:"starter xl",dreamy | lora:film | lora:detail | sampler:"2m"
  seed:3 | seed:2..4 | steps>20 | steps<=19 | cfg:5.5 | cfg>=5.5 | width>64 | size:64x64
  rating>=3 | rating:0 | rating:..2 | flag:pick | flag:none | label:red,blue | label:none
  tag:cat | tag:CAT | tag:sea* | tag:"sea view" | tag:"b""q" | note:cover | note:"the cover"
  prompt:red | negative:blurry | source:drawn | source:imported | program:atelier | format:png
  date:2026-11 | date:2026 | date>2026-10-20 | date:week | date:today | ratio:square
  is:sheet | is:missing | is:duplicate | has:note | has:tag | has:recipe | stpes>3 | album:none`;
const term = fc.constantFrom(...terms.split(/\s*[|\n]\s*/));
const query: fc.Arbitrary<string> = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4 },
    term,
    fc.tuple(tie('query'), tie('query')).map(([a, b]) => `${a} ${b}`),
    fc.tuple(tie('query'), tie('query')).map(([a, b]) => `${a} OR ${b}`),
    tie('query').map((inner) => `(${inner})`),
    tie('query').map((inner) => `-(${inner})`),
    term.map((word) => `-${word}`),
  ),
})).query;

/** The words of a text, as the index should split it. */
function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain.match(/\p{Script=Han}|\p{So}|[\p{L}\p{N}]+/gu) ?? [];
}

function holdsPhrase(texts: readonly string[], phrase: string, isOpen: boolean): boolean {
  const wanted = wordsOf(phrase);
  return texts.map(wordsOf).some((words) =>
    words.some((_word, start) =>
      wanted.every((word, index) => {
        const found = words[start + index] ?? '';
        return isOpen && index === wanted.length - 1 ? found.startsWith(word) : found === word;
      }),
    ),
  );
}

function createdAtOf({ day }: Picture): number {
  return now - day * dayMs;
}

function holds(subject: Picture, condition: Condition | null): boolean {
  if (!condition) return true;
  const { words, negative, model, lora, tags, note, side } = subject;
  const prompt = words.join(' ');
  switch (condition.kind) {
    case 'all':
      return condition.of.every((part) => holds(subject, part));
    case 'any':
      return condition.of.some((part) => holds(subject, part));
    case 'not':
      return !holds(subject, condition.of);
    case 'words': {
      const fields = {
        prompt: [prompt],
        negative: [negative],
        note: [note],
        file: [],
        all: [prompt, model, lora ?? '', note, ...tags],
      };
      return holdsPhrase(fields[condition.field ?? 'all'], condition.text, condition.isOpen);
    }
    case 'name': {
      const names = {
        model: [model],
        lora: [lora ?? ''],
        sampler: ['dpmpp-2m', 'DPM++ 2M'],
        schedule: ['karras'],
        tag: tags,
        album: [],
      };
      const wanted = condition.text.toLowerCase();
      return names[condition.field].some((name) => {
        const own = name.toLowerCase();
        if (own === '') return false;
        if (condition.match === 'is') return own === wanted;
        return condition.match === 'begins' ? own.startsWith(wanted) : own.includes(wanted);
      });
    }
    case 'number': {
      const { seed, steps, cfg, rating } = subject;
      const value = { seed, steps, cfg, rating, width: side, height: 64 }[condition.field];
      const above = condition.withFrom ? value >= condition.from : value > condition.from;
      return above && (condition.withTo ? value <= condition.to : value < condition.to);
    }
    case 'date':
      return createdAtOf(subject) >= condition.from && createdAtOf(subject) < condition.until;
    case 'size':
      return side === condition.width && condition.height === 64;
    case 'choice': {
      const own: Record<string, string[]> = {
        flag: [subject.flag ?? 'none'],
        label: [subject.label ?? 'none'],
        source: ['drawn'],
        program: ['atelier'],
        format: ['png'],
        ratio: [side === 64 ? 'square' : 'landscape'],
        is: [],
        has: ['recipe', ...(note === '' ? [] : ['note']), ...(tags.length > 0 ? ['tag'] : [])],
      };
      return own[condition.field]?.includes(condition.value) ?? false;
    }
    case 'colour':
      return false;
    default:
      return condition satisfies never;
  }
}

/** How many pictures have each value of a field, counted one by one. */
function countsOf(pictures: readonly Picture[], field: FacetFieldName): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of pictures) {
    const made = new Date(createdAtOf(each));
    const own: Record<FacetFieldName, readonly string[]> = {
      model: [each.model],
      lora: each.lora === null ? [] : [each.lora],
      sampler: ['dpmpp-2m'],
      schedule: ['karras'],
      steps: [String(each.steps)],
      cfg: [String(each.cfg)],
      size: [`${each.side}x64`],
      ratio: [each.side === 64 ? 'square' : 'landscape'],
      rating: [String(each.rating)],
      flag: [each.flag ?? 'none'],
      label: [each.label ?? 'none'],
      tag: each.tags,
      album: [],
      source: ['drawn'],
      program: ['atelier'],
      format: ['png'],
      date: [`${made.getFullYear()}-${String(made.getMonth() + 1).padStart(2, '0')}`],
      has: [
        'recipe',
        ...(each.note === '' ? [] : ['note']),
        ...(each.tags.length > 0 ? ['tag'] : []),
      ],
    };
    for (const value of own[field]) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

it('any search finds what looking at every picture finds, in order, with the same counts', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-search-'));
  const file = path.join(folder, 'library.sqlite');
  using writable = openWritable(file);
  migrate(writable, file);
  using database = openReadable(file);
  const catalogue = openCatalogue(database);
  const answers = createAnswers(database, catalogue, openLooks(database), () => now);
  fc.assert(
    fc.property(
      fc.array(picture, { maxLength: 25 }),
      fc.array(query, { minLength: 8, maxLength: 8 }),
      fc.boolean(),
      (pictures, queries, trashed) => {
        writable.transaction(() => {
          writable.run('DELETE FROM images');
          for (const [index, each] of pictures.entries()) insert(each, index);
        });
        const ordered = pictures
          .map((subject, index) => ({ subject, index }))
          .toSorted((a, b) => createdAtOf(b.subject) - createdAtOf(a.subject) || b.index - a.index);
        for (const text of queries) {
          const condition = conditionOf(parseSearch(text), now);
          const expected = ordered
            .filter(({ subject }) => subject.trashed === trashed && holds(subject, condition))
            .map(({ index }) => index.toString(16).padStart(8, '0'));
          const { ids, total } = answers.index({ ...everyImage, text, trashed }, null);
          const found = Array.from({ length: ids.length / 16 }, (_, at) =>
            imageIdAt(ids, at).slice(0, 8),
          );
          expect({ text, found, total }).toEqual({ text, found: expected, total: expected.length });
          const counted = answers.facets({ ...everyImage, text, trashed }, facetFields);
          expect(counted.total).toBe(expected.length);
          for (const facet of counted.facets) {
            // Of a field that is asked for, its other values are counted as well.
            const wide = conditionOf(parseSearch(clearValues(text, facet.field)), now);
            const counts = countsOf(
              pictures.filter((each) => each.trashed === trashed && holds(each, wide)),
              facet.field,
            );
            const told = new Map(facet.values.map(({ value, count }) => [value, count]));
            expect({ text, field: facet.field, counts: told }).toEqual({
              text,
              field: facet.field,
              counts,
            });
          }
        }
      },
    ),
    { numRuns: 60 },
  );
  rmSync(folder, { recursive: true });

  function insert(each: Picture, index: number): void {
    const { rating, flag, label, tags, note, seed, steps, cfg, lora } = each;
    const base = recipeOf({ prompt: each.words.join(' '), seed, createdAt: createdAtOf(each) });
    const recipe = {
      ...base,
      modelName: each.model,
      jobId: null,
      settings: {
        ...base.settings,
        steps,
        guidanceScale: cfg,
        negativePrompt: each.negative,
        loras: lora === null ? [] : [{ id: lora, unetWeight: 1, textWeight: 1 }],
      },
    };
    const hash = index.toString(16).padStart(8, '0').repeat(8);
    const mark: Mark = {
      hash,
      rating,
      flag,
      label,
      tags,
      note,
    };
    const row = {
      contentHash: hash,
      path: `${each.trashed ? 'trash' : 'images'}/${index}.png`,
      restorePath: null,
      createdAt: createdAtOf(each),
      modifiedAt: null,
      width: each.side,
      height: 64,
      sizeBytes: 1,
      format: 'png',
      source: 'drawn',
      program: 'atelier',
      recipe,
      parameters: null,
      understood: null,
      rawTexts: [],
      problems: [],
      importedFrom: null,
    } as const;
    insertRow(writable, row, mark);
  }
}, 60_000);

it('no text that is searched for becomes a part of a statement', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-hostile-'));
  const file = path.join(folder, 'library.sqlite');
  using writable = openWritable(file);
  migrate(writable, file);
  using database = openReadable(file);
  const statements = new Set<string>();
  const noting: typeof database = {
    ...database,
    get: (row, sql, parameters) => {
      statements.add(sql);
      return database.get(row, sql, parameters);
    },
    all: (row, sql, parameters) => {
      statements.add(sql);
      return database.all(row, sql, parameters);
    },
  };
  const answers = createAnswers(noting, openCatalogue(noting), openLooks(noting), () => now);
  const parts = `' " ; -- /* */ \\ \0 * ( ) { } : ^ - NEAR AND OR NOT DROP TABLE images rowid file: note: tag: model: negative: album:`;
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(fc.constantFrom(...parts.split(' '), '\0'), { maxLength: 12 })
      .map((some) => some.join(' ')),
  );
  const known = ['file:a', 'prompt:a', 'negative:a', 'note:a', 'a', 'album:a', 'is:duplicate'];
  for (const text of known) answers.index({ ...everyImage, text }, null);
  const before = new Set(statements);
  fc.assert(
    fc.property(hostile, (text) => {
      expect(answers.index({ ...everyImage, text }, null).total).toBe(0);
      expect([...statements].filter((sql) => !before.has(sql))).toEqual([]);
    }),
    { numRuns: 300 },
  );
  rmSync(folder, { recursive: true });
}, 60_000);
