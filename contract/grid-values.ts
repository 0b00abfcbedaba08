/**
 * The values of an axis as they are typed in Stable Diffusion web UI's X/Y/Z plot: separated by
 * commas or line breaks, quoted where a value holds a comma (`"a, b"`, a quotation mark doubled);
 * of numbers also `1-5`, `1-10 (+2)` and, for a count of evenly spread ones, `1-10 [5]`.
 */

/** What is wrong, and where: UTF-16 units of the typed text. */
export interface GridProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export interface TypedValue {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Of one axis, ranges included. */
const mostValues = 1000;
/** Digits that are kept of numbers that were computed. */
const digits = 9;

/** @throws {GridError} for a quotation mark that is never closed, or no values at all */
export function splitValues(typed: string): readonly TypedValue[] {
  const values: TypedValue[] = [];
  let at = 0;
  while (at < typed.length) {
    const start = at + (/^[^\S\n]*/.exec(typed.slice(at))?.[0].length ?? 0);
    if (typed[start] === '"') {
      const quoted = /^"((?:[^"]|"")*)"[^\S\n]*/.exec(typed.slice(start));
      if (!quoted)
        throw new GridError('A quotation mark is not closed.', start, typed.trimEnd().length);
      const end = start + quoted[0].length;
      if (end < typed.length && !/[,\n]/.test(typed[end] ?? ''))
        throw new GridError('A comma is missing behind the quotation mark.', end, end + 1);
      values.push({ text: (quoted[1] ?? '').replaceAll('""', '"'), start, end });
      at = end + 1;
      continue;
    }
    const whole = /^[^,\n]*/.exec(typed.slice(start))?.[0] ?? '';
    const text = whole.trim();
    if (text !== '') values.push({ text, start, end: start + text.length });
    at = start + whole.length + 1;
  }
  if (values.length === 0) throw new GridError('Type at least one value.', 0, typed.length);
  if (values.length > mostValues) throw tooMany(0, typed.length);
  return values;
}

/** Thrown while values are read; becomes a `GridProblem`. */
export class GridError extends Error {
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

const number = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)`;
const single = new RegExp(`^${number}$`);
const range = new RegExp(
  String.raw`^(${number})\s*-\s*(${number})\s*(?:\(\s*(${number})\s*\)|\[\s*(\d+)\s*\])?$`,
);

/**
 * A number, or the numbers of a range. Of whole ones a spread is cut to whole numbers, as there.
 * @throws {GridError}
 */
export function readNumbers({ text, start, end }: TypedValue, isWhole: boolean): readonly number[] {
  const refuse = (message: string): GridError => new GridError(message, start, end);
  if (single.test(text)) {
    const value = Number(text);
    if (isWhole && !Number.isInteger(value)) throw refuse(`"${text}" must be a whole number.`);
    return [value];
  }
  const [, from, to, by, spread] = range.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw refuse(
      `"${text}" is not ${isWhole ? 'a whole number' : 'a number'} or a range such as 1-9 (+2).`,
    );
  const [first, last] = [Number(from), Number(to)];
  if (isWhole && ![first, last, Number(by ?? 1)].every(Number.isInteger))
    throw refuse(`"${text}" must be made of whole numbers.`);
  if (spread !== undefined) return spreadOf(first, last, Number(spread), isWhole, refuse);
  const step = by === undefined ? Math.sign(last - first) || 1 : Number(by);
  if (step === 0 || Math.sign(last - first) * step < 0)
    throw refuse(`"${text}" never gets from ${first} to ${last}.`);
  // The last one counts although sums of fractions fall a little short of it.
  const steps = Math.floor((last - first) / step + 1e-9);
  if (steps >= mostValues) throw tooMany(start, end);
  return Array.from({ length: steps + 1 }, (_, index) => rounded(first + index * step));
}

function spreadOf(
  first: number,
  last: number,
  count: number,
  isWhole: boolean,
  refuse: (message: string) => GridError,
): readonly number[] {
  if (count < 1) throw refuse('At least one value is needed.');
  if (count > mostValues) throw refuse(`At most ${mostValues} values are possible.`);
  const gap = count === 1 ? 0 : (last - first) / (count - 1);
  return Array.from({ length: count }, (_, index) => {
    const value = rounded(first + index * gap);
    return isWhole ? Math.trunc(value) : value;
  });
}

function rounded(value: number): number {
  return Number(value.toPrecision(digits));
}

function tooMany(start: number, end: number): GridError {
  return new GridError(`At most ${mostValues} values are possible.`, start, end);
}
