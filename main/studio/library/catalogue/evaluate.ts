/** Finds the pictures that a condition holds for. */
import { tagKey } from '../marks.ts';
import type { Condition } from '../../../../contract/search/condition.ts';
import type { FieldOf } from '../../../../contract/search/fields.ts';
import {
  a1111Name,
  parseScheduleName,
  parseSchedulerName,
} from '../../../../contract/scheduler-names.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { findWords } from '../search-index.ts';
import { albumsOf, membersOf } from './albums.ts';
import { derivedOf, type CatalogueState } from './catalogue.ts';
import type { CodedColumn, Columns } from './columns.ts';
import { states } from './columns.ts';
import { duplicatesIn } from './duplicates.ts';
import { selectKeys, type Selection } from './selection.ts';

export interface Question {
  readonly database: ReadableDatabase;
  readonly state: CatalogueState;
  /** Pictures with a colour near `#rrggbb`. */
  readonly ofColour: (hex: string) => Selection;
  /** What a smart album finds; the caller keeps albums from asking for each other in a circle. */
  readonly ofSmartAlbum: (id: string, query: string) => Selection;
}

/** @returns the caller may not change it */
export function evaluate(question: Question, condition: Condition): Selection {
  const { state } = question;
  const { columns } = state;
  const n = columns.seqs.length;
  switch (condition.kind) {
    case 'all': {
      const found = new Uint8Array(n).fill(1);
      for (const part of condition.of) {
        const other = evaluate(question, part);
        for (let i = 0; i < n; i += 1) found[i] = (found[i] ?? 0) & (other[i] ?? 0);
      }
      return found;
    }
    case 'any': {
      const found = new Uint8Array(n);
      for (const part of condition.of) {
        const other = evaluate(question, part);
        for (let i = 0; i < n; i += 1) found[i] = (found[i] ?? 0) | (other[i] ?? 0);
      }
      return found;
    }
    case 'not':
      return evaluate(question, condition.of).map((member) => 1 - member);
    case 'words': {
      const { field, text, isOpen } = condition;
      return derivedOf(state, `words ${field} ${isOpen} ${text}`, () =>
        selectKeys(columns, findWords(question.database, field, text, isOpen)),
      );
    }
    case 'name':
      return condition.field === 'album'
        ? ofAlbums(question, condition.text, condition.match)
        : ofLines(state, condition.field, condition.text, condition.match);
    case 'number': {
      const { from, to, withFrom, withTo } = condition;
      const values = numbersOf(columns, condition.field);
      const found = new Uint8Array(n);
      for (let i = 0; i < n; i += 1) {
        const value = values[i] ?? Number.NaN;
        const isIn =
          (value > from || (withFrom && value === from)) &&
          (value < to || (withTo && value === to));
        found[i] = isIn ? 1 : 0;
      }
      return found;
    }
    case 'date': {
      const { from, until } = condition;
      return filled(n, (i) => {
        const at = columns.createdAts[i] ?? 0;
        return at >= from && at < until;
      });
    }
    case 'size':
      return filled(
        n,
        (i) => columns.widths[i] === condition.width && columns.heights[i] === condition.height,
      );
    case 'choice':
      return ofChoice(question, condition.field, condition.value);
    case 'colour':
      return question.ofColour(condition.hex);
    default:
      return condition satisfies never;
  }
}

/** @returns 1 where it holds */
export function filled(n: number, holds: (index: number) => boolean): Selection {
  const found = new Uint8Array(n);
  for (let i = 0; i < n; i += 1) if (holds(i)) found[i] = 1;
  return found;
}

function numbersOf(columns: Columns, field: FieldOf<'number'>): ArrayLike<number> {
  switch (field) {
    case 'seed':
      return columns.seeds;
    case 'steps':
      return columns.steps;
    case 'cfg':
      return columns.cfgs;
    case 'width':
      return columns.widths;
    case 'height':
      return columns.heights;
    case 'rating':
      return columns.ratings;
    default:
      return field satisfies never;
  }
}

type Match = Extract<Condition, { kind: 'name' }>['match'];

const columnOf = {
  model: 'model',
  lora: 'loras',
  sampler: 'sampler',
  schedule: 'schedule',
  tag: 'tags',
} as const satisfies Record<Exclude<FieldOf<'name' | 'exact'>, 'album'>, CodedColumn>;

function ofLines(
  { columns, dictionaries }: CatalogueState,
  field: keyof typeof columnOf,
  text: string,
  match: Match,
): Selection {
  const column = columnOf[field];
  const wanted = tagKey(text);
  const holds = Uint8Array.from(dictionaries[column].lines, (lines) =>
    lines.some((line) => namesOf(field, line).some((name) => matches(tagKey(name), wanted, match)))
      ? 1
      : 0,
  );
  return columns.coded[column].length === 0
    ? new Uint8Array()
    : Uint8Array.from(columns.coded[column], (code) => holds[code] ?? 0);
}

/** A sampler is found by our name and by that of the web UI. */
function namesOf(field: keyof typeof columnOf, line: string): readonly string[] {
  if (field === 'sampler') {
    const known = parseSchedulerName(line);
    return known ? [line, a1111Name(known.scheduler, 'normal').sampler] : [line];
  }
  if (field === 'schedule') {
    const known = parseScheduleName(line);
    return known ? [line, a1111Name('euler', known).scheduleType] : [line];
  }
  return [line];
}

function matches(name: string, wanted: string, match: Match): boolean {
  switch (match) {
    case 'is':
      return name === wanted;
    case 'begins':
      return name.startsWith(wanted);
    case 'holds':
      return name.includes(wanted);
    default:
      return match satisfies never;
  }
}

function ofAlbums(question: Question, text: string, match: Match): Selection {
  const { database, state } = question;
  const wanted = tagKey(text);
  const found = new Uint8Array(state.columns.seqs.length);
  for (const album of albumsOf(database, state)) {
    if (!matches(tagKey(album.name), wanted, match)) continue;
    const members =
      album.kind === 'smart'
        ? question.ofSmartAlbum(album.id, album.query ?? '')
        : membersOf(database, state, album.id).selection;
    for (let i = 0; i < found.length; i += 1) found[i] = (found[i] ?? 0) | (members[i] ?? 0);
  }
  return found;
}

function ofChoice(question: Question, field: FieldOf<'choice'>, value: string): Selection {
  const { database, state } = question;
  const { columns, dictionaries } = state;
  const n = columns.seqs.length;
  const withState = (bit: number) => filled(n, (i) => ((columns.states[i] ?? 0) & bit) !== 0);
  switch (field) {
    case 'ratio':
      return filled(n, (i) => ratioOf(columns.widths[i] ?? 0, columns.heights[i] ?? 0) === value);
    case 'flag':
    case 'label':
    case 'source':
    case 'program':
    case 'format': {
      const code = dictionaries[field].codeOf(value === 'none' ? '' : value);
      const codes = columns.coded[field];
      return filled(n, (i) => codes[i] === code);
    }
    case 'is':
      if (value === 'sheet') return withState(states.sheet);
      if (value === 'missing') return withState(states.missing);
      return duplicatesIn(database, state);
    case 'has': {
      if (value === 'note') return withState(states.note);
      if (value === 'recipe') return withState(states.recipe);
      const none = dictionaries.tags.codeOf('');
      return filled(n, (i) => columns.coded.tags[i] !== none);
    }
    default:
      return field satisfies never;
  }
}

export function ratioOf(width: number, height: number): 'portrait' | 'landscape' | 'square' {
  if (width === height) return 'square';
  return width < height ? 'portrait' : 'landscape';
}
