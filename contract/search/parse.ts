/**
 * Reads the text of a search.
 *
 * Terms side by side must all hold; `OR` between them asks for one of both sides; `-` before a term
 * or a group turns it round; `"…"` are words side by side. What cannot be read is a problem, and is
 * searched for as plain words.
 */
import { fieldKinds, fieldNamed, searchFields, type SearchField } from './fields.ts';
import { isClosed, searchLeaves, unquoted } from './leaves.ts';
import { searchLimits, type SearchProblem } from './problems.ts';
import type { SearchLeaf, SearchNode, SearchOperator, SearchTree, SearchValue } from './tree.ts';
import { isReadable } from './values.ts';

const operators: readonly SearchOperator[] = [':', '=', '>', '>=', '<', '<='];
/** What an index of words can hold. */
const searchable = /[\p{L}\p{N}\p{So}\p{Co}]/u;
const unknownField = /^(\p{L}{2,})(?:>=|<=|[:=<>])/u;

export function parseSearch(text: string): SearchTree {
  const leaves = searchLeaves(text);
  const problems: SearchProblem[] = [];
  const report = (
    { start, end }: { readonly start: number; readonly end: number },
    code: SearchProblem['code'],
    message: string,
    remedy: string,
  ) => problems.push({ start, end, code, message, remedy });
  let at = 0;
  const peek = () => leaves[at];
  const skipSpace = () => {
    while (peek()?.kind === 'space') at += 1;
  };

  function readAny(depth: number): SearchNode | null {
    const sides: SearchNode[] = [];
    let or: SearchLeaf | null = null;
    for (;;) {
      const side = readAll(depth);
      if (side) sides.push(side);
      else if (or || peek()?.kind === 'or') {
        report(
          or ?? peek() ?? { start: text.length, end: text.length },
          'or-stray',
          '“OR” has nothing on one of its sides.',
          'Put a word on both sides, or write "or" in quotes to look for the word.',
        );
      }
      skipSpace();
      const leaf = peek();
      if (leaf?.kind !== 'or') break;
      or = leaf;
      at += 1;
    }
    return joined('any', sides);
  }

  function readAll(depth: number): SearchNode | null {
    const terms: SearchNode[] = [];
    for (;;) {
      skipSpace();
      const leaf = peek();
      if (!leaf || leaf.kind === 'or' || (leaf.kind === 'round-end' && depth > 0)) break;
      const term = readTerm(leaf, depth);
      if (term) terms.push(term);
    }
    return joined('all', terms);
  }

  function readTerm(first: SearchLeaf, depth: number): SearchNode | null {
    const isNegated = first.kind === 'minus';
    if (isNegated) at += 1;
    const leaf = peek();
    if (!leaf) return null;
    at += 1;
    const place = { start: first.start, end: leaf.end };
    switch (leaf.kind) {
      case 'round-start':
        return readGroup(first, leaf, isNegated, depth);
      case 'round-end':
        report(
          leaf,
          'bracket-stray',
          'This bracket closes nothing.',
          'Take it out, or put the text into quotes.',
        );
        return null;
      case 'field':
        return readField(first, leaf, isNegated);
      case 'quoted':
        if (!isClosed(leaf.text))
          report(leaf, 'quote-open', 'These quotes are not closed.', 'Put a " at their end.');
        return words(unquoted(leaf.text), place, isNegated, false);
      case 'bare': {
        const unknown = unknownField.exec(leaf.text)?.[1];
        if (unknown !== undefined)
          report(
            leaf,
            'field-unknown',
            `There is no field “${unknown}”, so this is searched for as plain words.`,
            nearestField(unknown) ?? `Fields are ${searchFields.join(', ')}.`,
          );
        return words(leaf.text, place, isNegated, true);
      }
      default:
        // A minus before a space, or an operator without its field: the leaves have none of these.
        return null;
    }
  }

  function readGroup(
    first: SearchLeaf,
    bracket: SearchLeaf,
    isNegated: boolean,
    depth: number,
  ): SearchNode | null {
    if (depth >= searchLimits.depth) {
      report(
        bracket,
        'bracket-deep',
        `Brackets can be ${searchLimits.depth} deep; this one is left out.`,
        'Take brackets out.',
      );
      return null;
    }
    const child = readAny(depth + 1);
    const closing = peek();
    if (closing?.kind === 'round-end') at += 1;
    else
      report(
        bracket,
        'bracket-open',
        'This bracket is not closed.',
        'Put a ) where it should end.',
      );
    const end = closing?.end ?? text.length;
    return { kind: 'group', start: first.start, end, isNegated, child };
  }

  function readField(first: SearchLeaf, name: SearchLeaf, isNegated: boolean): SearchNode | null {
    const operatorLeaf = peek();
    const field = fieldNamed(name.text);
    const operator = operators.find((known) => known === operatorLeaf?.text);
    if (!operatorLeaf || !field || !operator) return null;
    at += 1;
    const values = readValues(operatorLeaf.end);
    const place = { start: first.start, end: leaves[at - 1]?.end ?? operatorLeaf.end };
    if (values.length === 0) {
      report(
        place,
        'value-missing',
        `“${name.text}${operator}” has no value, so it is left out.`,
        `Write one behind it, such as ${fieldKinds[field].example}.`,
      );
      return null;
    }
    const plainly = () => words(text.slice(name.start, place.end), place, isNegated, false);
    const { value: kind } = fieldKinds[field];
    const isOrdered = kind === 'number' || kind === 'date';
    if (operator !== ':' && operator !== '=' && !isOrdered) {
      report(
        place,
        'operator-unsuited',
        `“${field}” cannot be compared with ${operator}, so this is searched for as plain words.`,
        `Write it as ${fieldKinds[field].example}.`,
      );
      return plainly();
    }
    const bad = values.find((value) => !isValue(field, operator, value));
    if (bad) {
      report(
        bad.start === bad.end ? place : bad,
        'value-unknown',
        `“${text.slice(bad.start, bad.end)}” is no value of “${field}”, so this is searched for as plain words.`,
        remedyFor(field),
      );
      return plainly();
    }
    return { kind: 'field', ...place, isNegated, field, operator, values };
  }

  function readValues(start: number): SearchValue[] {
    const values: SearchValue[] = [];
    let from = start;
    let parts: SearchLeaf[] = [];
    const finish = () => {
      const value = valueOf(parts, from);
      if (value) values.push(value);
      parts = [];
    };
    for (let leaf = peek(); leaf; leaf = peek()) {
      if (leaf.kind === 'comma') {
        finish();
        from = leaf.end;
      } else if (leaf.kind === 'quoted' && parts.length === 0) {
        if (!isClosed(leaf.text))
          report(leaf, 'quote-open', 'These quotes are not closed.', 'Put a " at their end.');
        parts.push(leaf);
      } else if ((leaf.kind === 'bare' || leaf.kind === 'range') && isNext(parts, leaf)) {
        parts.push(leaf);
      } else break;
      at += 1;
    }
    finish();
    return values;
  }

  function words(
    typed: string,
    place: { readonly start: number; readonly end: number },
    isNegated: boolean,
    isBare: boolean,
  ): SearchNode | null {
    if (!searchable.test(typed)) {
      report(
        place,
        'nothing-to-find',
        'There is no letter or number in this, so it is left out.',
        'Write a word.',
      );
      return null;
    }
    // Whole words are asked for in quotes; `*` says what is meant anyway.
    return { kind: 'words', ...place, isNegated, text: typed, isOpen: isBare };
  }

  const root = readAny(0);
  return { leaves, root, problems: problems.toSorted((a, b) => a.start - b.start) };
}

/** `a`, `..` and `b` follow each other in that order. */
function isNext(parts: readonly SearchLeaf[], leaf: SearchLeaf): boolean {
  const last = parts.at(-1);
  if (!last) return true;
  if (last.kind === 'quoted') return false;
  return leaf.kind === 'range'
    ? !parts.some(({ kind }) => kind === 'range')
    : last.kind === 'range';
}

function valueOf(parts: readonly SearchLeaf[], at: number): SearchValue | null {
  const [first] = parts;
  const last = parts.at(-1);
  if (!first || !last) return null;
  const place = { start: first.start, end: last.end };
  if (first.kind === 'quoted')
    return { ...place, text: unquoted(first.text), to: null, isQuoted: true };
  const range = parts.findIndex(({ kind }) => kind === 'range');
  if (range < 0) return { ...place, text: first.text, to: null, isQuoted: false };
  return {
    start: Math.min(at, place.start),
    end: place.end,
    text: range === 0 ? '' : first.text,
    to: parts[range + 1]?.text ?? '',
    isQuoted: false,
  };
}

function isValue(field: SearchField, operator: SearchOperator, { text, to }: SearchValue): boolean {
  if (to === null) return isReadable(field, text);
  if (operator !== ':' && operator !== '=') return false;
  if (text === '' && to === '') return false;
  return (text === '' || isReadable(field, text)) && (to === '' || isReadable(field, to));
}

function remedyFor(field: SearchField): string {
  const { value, choices, example } = fieldKinds[field];
  switch (value) {
    case 'choice':
      return `Write ${choices.map((choice) => `${field}:${choice}`).join(', ')}.`;
    case 'number':
      return `Write a number or a range, such as ${example} or ${field}:1..5.`;
    case 'date':
      return 'Write a date such as 2026, 2026-11, 2026-11-24, today or week, or a range of two.';
    case 'size':
      return `Write width and height, such as ${example}.`;
    case 'colour':
      return `Write #rrggbb, or ${choices.join(', ')}.`;
    case 'name':
    case 'exact':
    case 'words':
      return `Write a word behind it, such as ${example}.`;
    default:
      return value satisfies never;
  }
}

function nearestField(typed: string): string | null {
  const lower = typed.toLowerCase();
  const near = searchFields.find(
    (field) => field.startsWith(lower.slice(0, 3)) || isOneEditAway(field, lower),
  );
  return near ? `Did you mean “${near}”? Put the text into quotes to look for it as it is.` : null;
}

/** Whether one letter more, less, other or swapped makes one of the other. */
function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const restA = a.slice(start);
  const restB = b.slice(start);
  return (
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

function joined(kind: 'all' | 'any', nodes: readonly SearchNode[]): SearchNode | null {
  const [first] = nodes;
  if (!first || nodes.length === 1) return first ?? null;
  return { kind, start: first.start, end: nodes.at(-1)?.end ?? first.end, children: nodes };
}
