/** Facets as edits of the search's text, and how their values read. Pure. */
import type { FacetField } from '../../../contract/images.ts';
import { hasTerm, toggleTerm } from '../../../contract/search/edit.ts';
import { fieldKinds, type SearchField } from '../../../contract/search/fields.ts';
import { parseSearch } from '../../../contract/search/parse.ts';
import type { SearchNode } from '../../../contract/search/tree.ts';
import { writtenValue } from '../../../contract/search/values.ts';

type FieldTerm = Extract<SearchNode, { kind: 'field' }>;

/** Whether the whole search leaves a value of a field out. */
export function isExcluded(text: string, field: SearchField, value: string): boolean {
  return exclusions(text, field, value).length > 0;
}

/** Single values of a field that the whole search leaves out, as they were typed. */
export function excludedValues(text: string, field: SearchField): readonly string[] {
  return exclusionsOf(text, field).flatMap(({ values }) => values[0]?.text ?? []);
}

/** Leaves a value of a field out, or no longer. @returns the new text of the search */
export function toggleExclusion(text: string, field: SearchField, value: string): string {
  const [excluded] = exclusions(text, field, value);
  if (excluded) {
    const before = text.slice(0, excluded.start).trimEnd();
    return `${before} ${text.slice(excluded.end).trimStart()}`.trim();
  }
  const without = hasTerm(text, field, value) ? toggleTerm(text, field, value) : text;
  const operator = fieldKinds[field].value === 'name' ? '=' : ':';
  return `${wholeOf(without)} -${field}${operator}${writtenValue(value)}`.trim();
}

/** So that what follows holds for all of it: what is open is closed, and sides get brackets. */
function wholeOf(text: string): string {
  const isQuoteOpen = parseSearch(text).problems.some(({ code }) => code === 'quote-open');
  const quoted = isQuoteOpen ? `${text}"` : text;
  const open = parseSearch(quoted).problems.filter(({ code }) => code === 'bracket-open').length;
  const closed = (quoted + ')'.repeat(open)).trim();
  return parseSearch(closed).root?.kind === 'any' ? `(${closed})` : closed;
}

function exclusions(text: string, field: SearchField, value: string): readonly FieldTerm[] {
  return exclusionsOf(text, field).filter(
    ({ values }) => values[0]?.text.toLowerCase() === value.toLowerCase(),
  );
}

function exclusionsOf(text: string, field: SearchField): readonly FieldTerm[] {
  const { root } = parseSearch(text);
  const terms = root?.kind === 'all' ? root.children : root ? [root] : [];
  return terms.filter(
    (term): term is FieldTerm =>
      term.kind === 'field' &&
      term.isNegated &&
      term.field === field &&
      term.values.length === 1 &&
      term.values[0]?.to === null,
  );
}

export const facetTitles: Readonly<Record<FacetField, string>> = {
  rating: 'Rating',
  flag: 'Flag',
  label: 'Label',
  tag: 'Tags',
  model: 'Model',
  lora: 'LoRA',
  sampler: 'Sampler',
  schedule: 'Schedule',
  steps: 'Steps',
  cfg: 'Guidance',
  size: 'Size',
  ratio: 'Shape',
  format: 'Format',
  source: 'Source',
  program: 'Program',
  date: 'Date',
  album: 'Albums',
  has: 'Has',
};

/** Those that the panel shows, in its order; albums have their own place. */
export const shownFacets = [
  'rating',
  'flag',
  'label',
  'model',
  'tag',
  'lora',
  'sampler',
  'size',
  'ratio',
  'source',
  'program',
  'format',
  'date',
  'has',
] as const satisfies readonly FacetField[];

const programTitles: Readonly<Record<string, string>> = {
  atelier: 'Atelier',
  'web-ui': 'Web UI',
  comfyui: 'ComfyUI',
  invokeai: 'InvokeAI',
  fooocus: 'Fooocus',
  'draw-things': 'Draw Things',
  novelai: 'NovelAI',
  other: 'Another program',
};

export function programTitle(program: string): string {
  return programTitles[program] ?? program;
}

/** A value as people read it. */
export function facetValueTitle(field: FacetField, value: string): string {
  switch (field) {
    case 'rating':
      return value === '0' ? 'No stars' : '★'.repeat(Number(value));
    case 'flag':
      return value === 'pick' ? 'Picks' : value === 'reject' ? 'Rejects' : 'No flag';
    case 'label':
      return value === 'none' ? 'No label' : capital(value);
    case 'source':
      return value === 'drawn' ? 'Drawn here' : 'Brought in';
    case 'program':
      return programTitle(value);
    case 'format':
      return value.toUpperCase();
    case 'size':
      return value.replace('x', ' × ');
    case 'date':
      return monthTitle(value);
    case 'ratio':
    case 'has':
      return capital(value);
    default:
      return value;
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `2026-11` as "November 2026". */
function monthTitle(value: string): string {
  const found = /^(\d{4})-(\d{2})$/.exec(value);
  if (!found) return value;
  const date = new Date(Number(found[1]), Number(found[2]) - 1, 1);
  return date.toLocaleDateString('en', { month: 'long', year: 'numeric' });
}
