/** The parts of JSON as grammar, of the kind that a model writes: little white space, finite numbers. */
import { type CodePointRange, codePointsOf, difference } from './code-points.ts';
import {
  characters,
  charactersBut,
  choice,
  type Expression,
  literal,
  oneOf,
  optional,
  repeat,
  rule,
  sequence,
} from './grammar.ts';

/** A space, or a line end or two and an indentation: as much as any layout needs, and no more. */
export const space: Expression = choice(
  sequence(),
  literal(' '),
  sequence(repeat(literal('\n'), 1, 2), repeat(oneOf(' \t'), 0, 20)),
);

/** What must not stand in a string as it is. */
const escaped: readonly CodePointRange[] = [
  { first: 0, last: 0x1f },
  ...codePointsOf('"\\').map((point) => ({ first: point, last: point })),
];
const shortEscapes: ReadonlyMap<number, string> = new Map(
  Object.entries({
    '"': '"',
    '\\': '\\',
    '\b': 'b',
    '\f': 'f',
    '\n': 'n',
    '\r': 'r',
    '\t': 't',
  }).map(([character, letter]) => [character.charCodeAt(0), letter]),
);

const hex = oneOf('0-9a-fA-F');
/** One character within a string, in any of its forms; halves of surrogate pairs are left out. */
const stringCharacter: Expression = choice(
  charactersBut(escaped),
  sequence(literal('\\'), oneOf('"\\/bfnrt')),
  sequence(literal('\\u'), oneOf('0-9a-cA-Ce-fE-F'), hex, hex, hex),
  sequence(literal('\\u'), oneOf('dD'), oneOf('0-7'), hex, hex),
);

export function jsonString(min: number, max: number | null): Expression {
  return sequence(literal('"'), repeat(stringCharacter, min, max), literal('"'));
}

/** A string whose content matches `content`, which knows nothing of escapes. */
export function jsonStringOf(content: Expression): Expression {
  return sequence(literal('"'), withEscapes(content), literal('"'));
}

function withEscapes(expression: Expression): Expression {
  switch (expression.kind) {
    case 'characters': {
      const options = [characters(difference(expression.ranges, escaped))];
      for (const { first, last } of escaped) {
        for (let point = first; point <= last; point += 1) {
          if (expression.ranges.some((range) => range.first <= point && point <= range.last))
            options.push(escapeOf(point));
        }
      }
      return choice(...options);
    }
    case 'sequence':
      return sequence(...expression.parts.map(withEscapes));
    case 'choice':
      return choice(...expression.options.map(withEscapes));
    case 'repeat':
      return { ...expression, of: withEscapes(expression.of) };
    case 'rule':
      return expression;
    default:
      return expression satisfies never;
  }
}

function escapeOf(point: number): Expression {
  const short = shortEscapes.get(point);
  const long = `\\u${point.toString(16).padStart(4, '0')}`;
  return literal(short === undefined ? long : `\\${short}`);
}

/** Strings other than the given ones, in plain spelling: without escapes, so that none is the same in disguise. */
export function jsonStringBut(forbidden: readonly string[]): Expression {
  return sequence(literal('"'), contentBut(forbidden.map(codePointsOf)), literal('"'));
}

function contentBut(forbidden: readonly (readonly number[])[]): Expression {
  const byFirst = new Map<number, number[][]>();
  for (const [first, ...rest] of forbidden)
    if (first !== undefined) byFirst.set(first, [...(byFirst.get(first) ?? []), rest]);
  const others = [...byFirst.keys()].map((point) => ({ first: point, last: point }));
  const plain = charactersBut(escaped);
  const options: Expression[] = [
    sequence(charactersBut([...escaped, ...others]), repeat(plain, 0, null)),
  ];
  if (!forbidden.some((text) => text.length === 0)) options.push(sequence());
  for (const [first, rests] of byFirst) {
    // A text that needs an escape cannot come about in plain spelling anyway.
    if (escaped.some((range) => range.first <= first && first <= range.last)) continue;
    options.push(sequence(characters([{ first, last: first }]), contentBut(rests)));
  }
  return choice(...options);
}

const digits = oneOf('0-9');
/** Fifteen digits at most: every reader of JSON counts so far without gaps. */
const wholeNumber = choice(literal('0'), sequence(oneOf('1-9'), repeat(digits, 0, 14)));
export const fraction = sequence(literal('.'), repeat(digits, 1, 16));
/** Two digits at most: any number stays finite. */
const exponent = sequence(oneOf('eE'), optional(oneOf('+-')), repeat(digits, 1, 2));

export const jsonInteger = sequence(optional(literal('-')), wholeNumber);
export const jsonNumber = sequence(jsonInteger, optional(fraction), optional(exponent));
export const jsonBoolean = choice(literal('true'), literal('false'));
export const jsonNull = literal('null');

/** `open` item, comma, item … `close`, with space where JSON allows it. */
export function jsonList(item: Expression, min: number, max: number | null): Expression {
  const more = (least: number, most: number | null) =>
    sequence(item, repeat(sequence(space, literal(','), space, item), least, most));
  const filled = (): Expression => {
    const some = more(Math.max(0, min - 1), max === null ? null : max - 1);
    return sequence(space, min === 0 ? optional(sequence(some, space)) : sequence(some, space));
  };
  return sequence(literal('['), max === 0 ? space : filled(), literal(']'));
}

/** Rules for any value at all. */
export const anyValueRules: Readonly<Record<string, Expression>> = {
  value: choice(
    rule('object'),
    jsonList(rule('value'), 0, null),
    jsonString(0, null),
    jsonNumber,
    jsonBoolean,
    jsonNull,
  ),
  object: sequence(
    literal('{'),
    space,
    optional(
      sequence(
        rule('member'),
        repeat(sequence(space, literal(','), space, rule('member')), 0, null),
        space,
      ),
    ),
    literal('}'),
  ),
  member: sequence(jsonString(0, null), space, literal(':'), space, rule('value')),
};
