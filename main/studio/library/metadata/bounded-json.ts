/**
 * JSON out of files that anybody may have made.
 *
 * Promises: never throws; length, depth and the number of values are bounded before anything is parsed,
 * so that neither memory nor whoever walks through the result can be exhausted.
 */

/** Characters. Graphs of many hundred nodes have some hundred thousand. */
const maxLength = 4 * 2 ** 20;
const maxDepth = 100;
/** Commas, colons and opening brackets: as many values at most, each of which takes some hundred bytes. */
const maxValues = 100_000;
/** Numbers that are put in other words. */
const maxReplaced = 1000;

export type BoundedJson =
  | { readonly value: unknown; readonly problem: null }
  | { readonly value: null; readonly problem: string };

/**
 * Numbers that Python writes although JSON has none such, `NaN` and `Infinity`, are read as null, and whole
 * numbers that would lose their last digits, such as seeds of 64 bits, as text.
 */
export function parseBoundedJson(text: string): BoundedJson {
  if (text.length > maxLength) return refused('it is too long');
  const plain: string[] = [];
  let plainFrom = 0;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        at = endOfString(text, at);
        break;
      }
      case 0x5b:
      case 0x7b:
        depth += 1;
        values += 1;
        if (depth > maxDepth) return refused('it is nested too deeply');
        break;
      case 0x5d:
      case 0x7d:
        depth -= 1;
        break;
      case 0x2c:
      case 0x3a:
        values += 1;
        break;
      case 0x4e:
      case 0x49: {
        const word = ['NaN', 'Infinity'].find((each) => text.startsWith(each, at));
        if (word === undefined) break;
        const from = text[at - 1] === '-' ? at - 1 : at;
        plain.push(text.slice(plainFrom, from), 'null');
        plainFrom = at + word.length;
        at = plainFrom - 1;
        break;
      }
      default: {
        const code = text.charCodeAt(at);
        if (code < 0x30 || code > 0x39) break;
        const end = endOfDigits(text, at);
        const isWhole = !/[.eE]/.test(text[end] ?? '') && text[at - 1] !== '.';
        if (
          isWhole &&
          end - at > exactDigits &&
          !Number.isSafeInteger(Number(text.slice(at, end)))
        ) {
          plain.push(text.slice(plainFrom, at), `"${text.slice(at, end)}"`);
          plainFrom = end;
        }
        at = end - 1;
      }
    }
    if (values > maxValues || plain.length > 2 * maxReplaced)
      return refused('it holds too many values');
  }
  try {
    const whole = plain.length === 0 ? text : [...plain, text.slice(plainFrom)].join('');
    return { value: JSON.parse(whole) as unknown, problem: null };
  } catch {
    return refused('it is damaged');
  }
}

function refused(problem: string): BoundedJson {
  return { value: null, problem };
}

/** Whole numbers of so many digits are exact. */
const exactDigits = 15;

function endOfDigits(text: string, start: number): number {
  let end = start;
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end += 1;
  return end;
}

/** Where the string that begins there is closed, or the text ends. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let back = at;
    while (text.charCodeAt(back - 1) === 0x5c) back -= 1;
    if ((at - back) % 2 === 0) return at;
  }
  return text.length;
}

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An array, or one without elements. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** An object, or one without fields. */
export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Numbers, and texts that are one: programs do not agree. */
export function figureOf(value: unknown): number | undefined {
  const figure = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof figure === 'number' && Number.isFinite(figure) ? figure : undefined;
}

/** A whole number, digit for digit. */
export function wholeOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,30}$/.test(value) ? value : undefined;
}
