/**
 * Regular expressions in JavaScript's notation, as far as they are regular: characters, classes,
 * groups, alternatives, repetitions, and `^` and `$` at the ends. What looks around, looks back or
 * depends on words is refused.
 */
import { type CodePointRange, codePointsOf, complement } from './code-points.ts';
import {
  characters,
  charactersBut,
  choice,
  empty,
  type Expression,
  repeat,
  sequence,
} from './grammar.ts';
import { createTextReader, readHex, readQuantifier, type TextReader } from './text-reader.ts';

const lineEnds = rangesOf('\n', '\r', '\u2028', '\u2029');
const digits = rangesOf('09');
const wordCharacters = rangesOf('az', 'AZ', '09', '_');
const spaces = rangesOf(
  '\t\r',
  ' ',
  '\u00a0',
  '\u1680',
  '\u2000\u200a',
  '\u2028',
  '\u2029',
  '\u202f',
  '\u205f',
  '\u3000',
  '\ufeff',
);

const classEscapes: Readonly<Record<string, readonly CodePointRange[]>> = {
  d: digits,
  D: complement(digits),
  w: wordCharacters,
  W: complement(wordCharacters),
  s: spaces,
  S: complement(spaces),
};
const controlEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  v: '\v',
  '0': '\0',
};

export interface ParsedRegex {
  readonly expression: Expression;
  /** Whether `^` or `$` holds it at the text's ends; without, more may stand there. */
  readonly isHeldAtStart: boolean;
  readonly isHeldAtEnd: boolean;
}

/** @throws {StudioError} `bad-request`, saying where */
export function parseRegex(pattern: string): ParsedRegex {
  const reader: TextReader = createTextReader(pattern, 'The regular expression');
  const isHeldAtStart = reader.skip('^');
  const expression = readAlternatives(reader);
  const isHeldAtEnd = reader.skip('$');
  if (!reader.isAtEnd) reader.fail(complaint(reader));
  if ((isHeldAtStart || isHeldAtEnd) && expression.kind === 'choice')
    reader.fail(
      '"^" and "$" beside "|" hold one alternative only. Put the alternatives in brackets.',
    );
  return { expression, isHeldAtStart, isHeldAtEnd };
}

function complaint(reader: TextReader): string {
  switch (reader.peek()) {
    case ')':
      return 'this bracket closes nothing.';
    case '^':
    case '$':
      return `"${reader.peek()}" is known at the ends of the whole expression only.`;
    default:
      return `"${reader.peek()}" has nothing to repeat.`;
  }
}

function readAlternatives(reader: TextReader): Expression {
  const options = [readSequence(reader)];
  while (reader.skip('|')) options.push(readSequence(reader));
  return choice(...options);
}

function readSequence(reader: TextReader): Expression {
  const parts: Expression[] = [];
  while (!reader.isAtEnd && !'|)$^*+?'.includes(reader.peek())) {
    const part = readPart(reader);
    const quantifier = readQuantifier(reader);
    // Which of several matches a lazy one would prefer makes no difference to what matches.
    if (quantifier) reader.skip('?');
    parts.push(quantifier ? repeat(part, quantifier.min, quantifier.max) : part);
  }
  return sequence(...parts);
}

function readPart(reader: TextReader): Expression {
  const character = reader.take();
  switch (character) {
    case '.':
      return charactersBut(lineEnds);
    case '[':
      return readClass(reader);
    case '(':
      return readGroup(reader);
    case '\\':
      return characters(readEscape(reader));
    default:
      return characters(rangesOf(character));
  }
}

function readGroup(reader: TextReader): Expression {
  if (!reader.skip('?:') && !reader.match(/\?<[a-zA-Z_$][\w$]*>/y) && reader.peek() === '?')
    reader.fail('what looks ahead or behind, and modifiers, are not known here.');
  const inner = readAlternatives(reader);
  if (!reader.skip(')'))
    reader.fail(reader.isAtEnd ? 'a closing bracket is expected.' : complaint(reader));
  return inner.kind === 'sequence' && inner.parts.length === 0 ? empty : inner;
}

function readClass(reader: TextReader): Expression {
  const isNegated = reader.skip('^');
  const ranges: CodePointRange[] = [];
  while (!reader.skip(']')) {
    if (reader.isAtEnd) reader.fail('the class of characters has no closing bracket.');
    const low = readClassPart(reader);
    if (!reader.match(/-(?!\])/y)) {
      ranges.push(...low);
      continue;
    }
    const high = readClassPart(reader);
    const [first, last] = [only(low), only(high)];
    if (first === null || last === null || last < first)
      reader.fail('the range of characters has no order.');
    else ranges.push({ first, last });
  }
  return isNegated ? charactersBut(ranges) : characters(ranges);
}

function readClassPart(reader: TextReader): readonly CodePointRange[] {
  if (reader.skip('\\b')) return rangesOf('\b');
  const character = reader.take();
  return character === '\\' ? readEscape(reader) : rangesOf(character);
}

function readEscape(reader: TextReader): readonly CodePointRange[] {
  const character = reader.take();
  const set = classEscapes[character];
  if (set) return set;
  const control = controlEscapes[character];
  if (control !== undefined) return rangesOf(control);
  if (character === 'x') return single(readHex(reader, 2));
  if (character === 'u') {
    const long = reader.match(/\{([0-9a-fA-F]{1,6})\}/y);
    if (!long) return single(readHex(reader, 4));
    const point = Number.parseInt(long[1] ?? '', 16);
    return point <= 0x10ffff ? single(point) : reader.fail('there is no such character.');
  }
  if (/[a-zA-Z0-9]/.test(character))
    reader.fail(`"\\${character}" is not known here: it is no regular expression, or no escape.`);
  if (character === '') reader.fail('a character is expected after "\\".');
  return rangesOf(character);
}

function only(ranges: readonly CodePointRange[]): number | null {
  const [range] = ranges;
  return ranges.length === 1 && range && range.first === range.last ? range.first : null;
}

function single(point: number): readonly CodePointRange[] {
  return [{ first: point, last: point }];
}

/** Texts of one character, or of two: the first and last of a range. */
function rangesOf(...texts: readonly string[]): readonly CodePointRange[] {
  return texts.map((text) => {
    const points = codePointsOf(text);
    const first = points[0] ?? 0;
    return { first, last: points[1] ?? first };
  });
}
