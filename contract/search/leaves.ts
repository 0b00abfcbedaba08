/**
 * The leaves of a search's text: what each character is, before it is known what belongs together.
 *
 * Promises: the leaves hold every character, in order; the work grows with the text's length.
 */
import { fieldKinds, fieldNamed } from './fields.ts';
import type { SearchLeaf } from './tree.ts';

const operatorAt = /(\p{L}+)(>=|<=|[:=<>])/uy;
const spaceAt = /[\s\0]+/uy;
/** Up to what may stand around words: spaces, brackets, quotes. */
const bareAt = /[^\s\0()"]+/uy;
/** And in lists also up to the next comma. */
const valueAt = /[^\s\0()",]+/uy;
/** A quote within quotes is written twice. */
const quotedAt = /"(?:[^"]|"")*"?/uy;

export function searchLeaves(text: string): SearchLeaf[] {
  const leaves: SearchLeaf[] = [];
  let at = 0;
  const push = (kind: SearchLeaf['kind'], length: number) => {
    leaves.push({ kind, start: at, end: at + length, text: text.slice(at, at + length) });
    at += length;
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };

  /** `a,b..c,"d"` behind an operator; ends where no value follows. */
  function values(hasRanges: boolean): void {
    for (;;) {
      if (text[at] === '"') push('quoted', match(quotedAt)?.[0].length ?? 1);
      else {
        const bare = match(valueAt)?.[0] ?? '';
        const dots = hasRanges ? bare.indexOf('..') : -1;
        if (dots < 0) {
          if (bare !== '') push('bare', bare.length);
        } else {
          if (dots > 0) push('bare', dots);
          push('range', 2);
          if (bare.length > dots + 2) push('bare', bare.length - dots - 2);
        }
      }
      if (text[at] !== ',') return;
      push('comma', 1);
    }
  }

  while (at < text.length) {
    const previous = leaves.at(-1)?.kind;
    const isStart = previous === undefined || previous === 'space' || previous === 'round-start';
    const space = match(spaceAt);
    if (space) push('space', space[0].length);
    else if (text[at] === '(') push('round-start', 1);
    else if (text[at] === ')') push('round-end', 1);
    else if (text[at] === '"') push('quoted', match(quotedAt)?.[0].length ?? 1);
    else if (isStart && text[at] === '-' && /[^\s\0)]/.test(text[at + 1] ?? ' ')) push('minus', 1);
    else {
      const operator = match(operatorAt);
      const field = operator?.[1] ? fieldNamed(operator[1]) : null;
      if (operator?.[1] && operator[2] && field) {
        push('field', operator[1].length);
        push('operator', operator[2].length);
        const { value } = fieldKinds[field];
        values(value === 'number' || value === 'date');
      } else {
        const bare = match(bareAt)?.[0] ?? text[at] ?? '';
        push(bare === 'OR' && previous !== 'minus' ? 'or' : 'bare', bare.length);
      }
    }
  }
  return leaves;
}

/** The text within quotes. */
export function unquoted(text: string): string {
  const end = text.length > 1 && text.endsWith('"') && isClosed(text) ? -1 : undefined;
  return text.slice(1, end).replaceAll('""', '"');
}

/** Whether a quoted leaf has its second quote. */
export function isClosed(text: string): boolean {
  return text.length > 1 && (/"+$/.exec(text.slice(1))?.[0].length ?? 0) % 2 === 1;
}
