/** Walks through a notation character by character and says where something is wrong with it. */
import { badGrammar } from './automaton.ts';

export interface TextReader {
  readonly isAtEnd: boolean;
  /** The next character, '' at the end. */
  peek(): string;
  take(): string;
  /** Passes over `text` if it is next. */
  skip(text: string): boolean;
  /** What a sticky pattern matches here, passed over; null if it does not. */
  match(pattern: RegExp): RegExpExecArray | null;
  /** As `match`, but passes over nothing. */
  looksLike(pattern: RegExp): boolean;
  /** @throws {StudioError} `bad-request`, always */
  fail(what: string): never;
}

/** @param name what the text is, for messages, such as `The grammar` */
export function createTextReader(text: string, name: string): TextReader {
  let at = 0;
  const peek = () => {
    const point = text.codePointAt(at);
    return point === undefined ? '' : String.fromCodePoint(point);
  };
  return {
    get isAtEnd() {
      return at >= text.length;
    },
    peek,
    take() {
      const character = peek();
      at += character.length;
      return character;
    },
    skip(wanted) {
      if (!text.startsWith(wanted, at)) return false;
      at += wanted.length;
      return true;
    },
    match(pattern) {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (found) at += found[0].length;
      return found;
    },
    looksLike(pattern) {
      pattern.lastIndex = at;
      return pattern.test(text);
    },
    fail(what) {
      const before = text.slice(0, at).split('\n');
      const line = before.length;
      const column = (before.at(-1)?.length ?? 0) + 1;
      throw badGrammar(`${name} cannot be read at line ${line}, character ${column}: ${what}`);
    },
  };
}

/** `{m}`, `{m,}` or `{m,n}` and the signs for the common ones; null if none is next. */
export function readQuantifier(
  reader: TextReader,
): { readonly min: number; readonly max: number | null } | null {
  if (reader.skip('*')) return { min: 0, max: null };
  if (reader.skip('+')) return { min: 1, max: null };
  if (reader.skip('?')) return { min: 0, max: 1 };
  const found = reader.match(/\{(\d+)(,(\d*))?\}/y);
  if (!found) return null;
  const min = Number(found[1]);
  const max = found[2] === undefined ? min : found[3] ? Number(found[3]) : null;
  if (max !== null && max < min) reader.fail(`${found[0]} asks for more than it allows.`);
  return { min, max };
}

/** A code point as hexadecimal digits. */
export function readHex(reader: TextReader, digits: number): number {
  const found = reader.match(new RegExp(`[0-9a-fA-F]{${digits}}`, 'y'));
  const point = found ? Number.parseInt(found[0], 16) : NaN;
  if (!(point <= 0x10ffff))
    reader.fail(`${digits} hexadecimal digits of a character are expected.`);
  return point;
}
