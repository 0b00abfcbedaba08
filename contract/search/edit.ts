/**
 * Changes of a search's text, as a click on a facet makes them.
 *
 * Promises: what is not touched stays as it was typed; the result reads back as what was asked for.
 */
import { fieldKinds, type SearchField } from './fields.ts';
import { parseSearch } from './parse.ts';
import type { SearchNode, SearchValue } from './tree.ts';
import { readChoice, readColour, readNumber, writtenValue } from './values.ts';

type FieldTerm = Extract<SearchNode, { kind: 'field' }>;

/** Values of a field that the search as a whole asks for, any of them, as they were typed. */
export function askedValues(text: string, field: SearchField): readonly string[] {
  return listTerms(text, field).flatMap(({ values }) => values.map((value) => value.text));
}

/** Whether a value of a field is asked for, as `toggleTerm` would ask for it. */
export function hasTerm(text: string, field: SearchField, value: string): boolean {
  return listTerms(text, field).some(({ values }) =>
    values.some((each) => isSame(field, each, value)),
  );
}

/**
 * Asks for a value besides the others of its field, or for it no longer.
 * @returns the new text of the search
 */
export function toggleTerm(typed: string, field: SearchField, value: string): string {
  const text = closed(typed);
  const terms = listTerms(text, field);
  for (const term of terms) {
    const kept = term.values.filter((each) => !isSame(field, each, value));
    if (kept.length === term.values.length) continue;
    if (kept.length === 0) return withoutPlaces(text, [term]);
    const list = kept.map(({ start, end }) => text.slice(start, end)).join(',');
    const head = text.slice(term.start, term.values[0]?.start ?? term.end);
    return replaced(text, term, `${head}${list}`);
  }
  const [first] = terms;
  if (first) {
    return replaced(text, first, `${text.slice(first.start, first.end)},${writtenValue(value)}`);
  }
  return withTerm(text, `${field}${operatorOf(field)}${writtenValue(value)}`);
}

/** Values of a field that the search as a whole leaves out, one to a term, as they were typed. */
export function excludedValues(text: string, field: SearchField): readonly string[] {
  return exclusions(text, field).flatMap(({ values }) => values[0]?.text ?? []);
}

/** Whether a value of a field is left out, as `excludeTerm` would leave it out. */
export function isExcluded(text: string, field: SearchField, value: string): boolean {
  return exclusions(text, field).some(({ values }) =>
    values.some((each) => isSame(field, each, value)),
  );
}

/**
 * Leaves a value of a field out, which is then not asked for either, or leaves it out no longer.
 * @returns the new text of the search
 */
export function excludeTerm(typed: string, field: SearchField, value: string): string {
  const excluded = exclusions(typed, field).filter(({ values }) =>
    values.some((each) => isSame(field, each, value)),
  );
  if (excluded.length > 0) return withoutPlaces(typed, excluded);
  const text = hasTerm(typed, field, value) ? toggleTerm(typed, field, value) : typed;
  return withTerm(text, `-${field}${operatorOf(field)}${writtenValue(value)}`);
}

/**
 * Asks for a range of numbers or dates in place of what was asked of the field; null bounds are open.
 * @returns the new text of the search
 */
export function setRange(
  text: string,
  field: SearchField,
  from: string | null,
  to: string | null,
): string {
  const bare = clearField(text, field);
  if (from === null && to === null) return bare;
  if (from === to) return withTerm(bare, `${field}:${from}`);
  if (to === null) return withTerm(bare, `${field}>=${from}`);
  if (from === null) return withTerm(bare, `${field}<=${to}`);
  return withTerm(bare, `${field}:${from}..${to}`);
}

/** Takes out the values of a field that the search as a whole asks for; exclusions stay. */
export function clearValues(text: string, field: SearchField): string {
  return withoutPlaces(
    text,
    wholeTerms(text).filter((term) => term.field === field && !term.isNegated),
  );
}

/** Takes out everything that the search as a whole asks of a field, exclusions too. */
export function clearField(text: string, field: SearchField): string {
  return withoutPlaces(
    text,
    wholeTerms(text).filter((term) => term.field === field),
  );
}

/** Terms of a field that must hold for the whole search, `-tag:x` included. */
function wholeTerms(text: string): readonly FieldTerm[] {
  const { root } = parseSearch(text);
  const terms = root?.kind === 'all' ? root.children : root ? [root] : [];
  return terms.filter((term) => term.kind === 'field');
}

function listTerms(text: string, field: SearchField): readonly FieldTerm[] {
  return wholeTerms(text).filter(
    (term) =>
      term.field === field && !term.isNegated && (term.operator === ':' || term.operator === '='),
  );
}

/** Those of a single value: of a list, one cannot be told from the others by a click. */
function exclusions(text: string, field: SearchField): readonly FieldTerm[] {
  return wholeTerms(text).filter(
    (term) =>
      term.field === field &&
      term.isNegated &&
      (term.operator === ':' || term.operator === '=') &&
      term.values.length === 1 &&
      term.values[0]?.to === null,
  );
}

function isSame(field: SearchField, { text, to }: SearchValue, value: string): boolean {
  if (to !== null) return false;
  switch (fieldKinds[field].value) {
    case 'number':
      return readNumber(text) === readNumber(value);
    case 'choice':
      return readChoice(field, text) === readChoice(field, value);
    case 'colour':
      return readColour(text) === readColour(value);
    default:
      return text.toLowerCase() === value.toLowerCase();
  }
}

function operatorOf(field: SearchField): ':' | '=' {
  return fieldKinds[field].value === 'name' ? '=' : ':';
}

/** At the end, and for the whole of it: `a OR b` becomes one side of the new search. */
function withTerm(typed: string, term: string): string {
  const text = closed(typed).trim();
  const { root, problems } = parseSearch(text);
  const hasSides = root?.kind === 'any' || problems.some(({ code }) => code === 'or-stray');
  if (!hasSides) return `${text} ${term}`.trim();
  // A bracket that closes nothing would close the one that is put round the search.
  const strays = problems.filter(({ code }) => code === 'bracket-stray');
  const whole = strays.reduceRight(
    (rest, { start, end }) => rest.slice(0, start) + rest.slice(end),
    text,
  );
  return `(${whole}) ${term}`;
}

/** With the quotes and brackets that are still open closed: what follows stands outside them. */
function closed(text: string): string {
  const isQuoteOpen = parseSearch(text).problems.some(({ code }) => code === 'quote-open');
  const whole = isQuoteOpen ? `${text}"` : text;
  const brackets = parseSearch(whole).problems.filter(({ code }) => code === 'bracket-open');
  return whole + ')'.repeat(brackets.length);
}

function replaced(text: string, { start, end }: FieldTerm, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** With the space that then stands twice. */
function withoutPlaces(text: string, places: readonly FieldTerm[]): string {
  let rest = text;
  for (const { start, end } of places.toReversed()) {
    const before = rest.slice(0, start);
    const after = rest.slice(end);
    rest = /\s$/.test(before) || before === '' ? before + after.trimStart() : before + after;
  }
  return places.length > 0 ? rest.trimEnd() : rest;
}
