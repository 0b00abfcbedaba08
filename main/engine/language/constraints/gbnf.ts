/**
 * Grammars in llama.cpp's notation.
 *
 * Rules `name ::= …` of literals, classes, `.`, groups, alternatives and repetitions; `#` begins a
 * comment. A rule goes on until the next one begins, so alternatives may begin a line of their own.
 * Source: llama.cpp, grammars/README.md
 */
import { badGrammar } from './automaton.ts';
import { type CodePointRange, codePointsOf } from './code-points.ts';
import {
  characters,
  charactersBut,
  choice,
  type Expression,
  type Grammar,
  repeat,
  rule,
  sequence,
} from './grammar.ts';
import { createTextReader, readHex, readQuantifier, type TextReader } from './text-reader.ts';

const namePattern = /[a-zA-Z][a-zA-Z0-9_-]*/y;
const ruleHead = /([a-zA-Z][a-zA-Z0-9_-]*)(?:[ \t\r\n]|#[^\n]*)*::=/y;
const blank = /(?:[ \t\r\n]|#[^\n]*)+/y;

/** @throws {StudioError} `bad-request`, saying where; `unsupported` for tokens by number */
export function parseGbnf(text: string): Grammar {
  const reader: TextReader = createTextReader(text, 'The grammar');
  const rules = new Map<string, Expression>();
  reader.match(blank);
  while (!reader.isAtEnd) {
    const name = reader.match(ruleHead)?.[1];
    if (name === undefined) reader.fail('a rule is expected, such as: root ::= "yes" | "no".');
    if (rules.has(name)) reader.fail(`the rule "${name}" is there already.`);
    rules.set(name, readAlternatives(reader));
    if (reader.peek() === ')') reader.fail('this bracket closes nothing.');
  }
  if (!rules.has('root'))
    throw badGrammar('The grammar has no rule "root", which stands for the whole text.');
  return { root: 'root', rules };
}

function readAlternatives(reader: TextReader): Expression {
  const options = [readSequence(reader)];
  while (reader.skip('|')) options.push(readSequence(reader));
  return choice(...options);
}

function readSequence(reader: TextReader): Expression {
  const parts: Expression[] = [];
  for (;;) {
    reader.match(blank);
    const part = readPart(reader);
    if (part === null) return sequence(...parts);
    const quantifier = readQuantifier(reader);
    parts.push(quantifier ? repeat(part, quantifier.min, quantifier.max) : part);
  }
}

/** Null at the end of a sequence. */
function readPart(reader: TextReader): Expression | null {
  switch (reader.peek()) {
    case '':
    case '|':
    case ')':
      return null;
    case '"':
      return readLiteral(reader);
    case '[':
      return readClass(reader);
    case '.':
      reader.take();
      return charactersBut([]);
    case '(': {
      reader.take();
      const inner = readAlternatives(reader);
      if (!reader.skip(')')) reader.fail('a closing bracket is expected.');
      return inner;
    }
    case '<':
    case '!':
      return reader.fail('tokens by their number or name are not known here; write their text.');
    default: {
      if (reader.looksLike(ruleHead)) return null;
      const name = reader.match(namePattern)?.[0];
      return name === undefined ? reader.fail(`"${reader.peek()}" means nothing.`) : rule(name);
    }
  }
}

function readLiteral(reader: TextReader): Expression {
  reader.take();
  const parts: Expression[] = [];
  while (!reader.skip('"')) {
    if (reader.isAtEnd) reader.fail('the text in quotes has no end.');
    const point = readCharacter(reader);
    parts.push(characters([{ first: point, last: point }]));
  }
  return sequence(...parts);
}

function readClass(reader: TextReader): Expression {
  reader.take();
  const isNegated = reader.skip('^');
  const ranges: CodePointRange[] = [];
  while (!reader.skip(']')) {
    if (reader.isAtEnd) reader.fail('the class of characters has no closing bracket.');
    const first = readCharacter(reader);
    const last = reader.match(/-(?!\])/y) ? readCharacter(reader) : first;
    if (last < first) reader.fail('the range of characters runs backwards.');
    ranges.push({ first, last });
  }
  return isNegated ? charactersBut(ranges) : characters(ranges);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function readCharacter(reader: TextReader): number {
  const character = reader.take();
  if (character !== '\\') return codePointsOf(character)[0] ?? 0;
  const escaped = reader.take();
  switch (escaped) {
    case 'x':
      return readHex(reader, 2);
    case 'u':
      return readHex(reader, 4);
    case 'U':
      return readHex(reader, 8);
    case '\\':
    case '"':
    case '[':
    case ']':
    case '-':
    case '^':
      return codePointsOf(escaped)[0] ?? 0;
    default: {
      const known = escapes[escaped];
      return known === undefined
        ? reader.fail(`"\\${escaped}" is no known escape.`)
        : (codePointsOf(known)[0] ?? 0);
    }
  }
}
