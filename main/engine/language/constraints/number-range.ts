/** Decimal numbers within bounds, as grammar. */
import { choice, type Expression, literal, oneOf, optional, repeat, sequence } from './grammar.ts';
import { fraction } from './json-grammar.ts';

const digit = oneOf('0-9');
const mostZeros = 16;

/** Whole numbers from `min` to `max`; null leaves that end open. `min` ≤ `max`. */
export function integersBetween(min: bigint | null, max: bigint | null): Expression {
  const options: Expression[] = [];
  if (min === null || min < 0n) {
    const least = max === null || max >= 0n ? 1n : -max;
    options.push(sequence(literal('-'), magnitudes(least, min === null ? null : -min)));
  }
  if (max === null || max >= 0n) options.push(magnitudes(min === null || min < 0n ? 0n : min, max));
  return choice(...options);
}

/** Numbers from `min` to `max`, both whole or null, with fractions and without exponents. */
export function numbersBetween(min: bigint | null, max: bigint | null): Expression {
  const options: Expression[] = [];
  if (min === null || min < 0n) {
    const least = max === null || max >= 0n ? 0n : -max;
    options.push(sequence(literal('-'), fractionals(least, min === null ? null : -min)));
  }
  if (max === null || max >= 0n)
    options.push(fractionals(min === null || min < 0n ? 0n : min, max));
  return choice(...options);
}

/** 0 ≤ `min` ≤ `max` */
function fractionals(min: bigint, max: bigint | null): Expression {
  const zeros = optional(sequence(literal('.'), repeat(literal('0'), 1, mostZeros)));
  if (max === null) return sequence(magnitudes(min, null), optional(fraction));
  const end = sequence(magnitudes(max, max), zeros);
  return min === max ? end : choice(sequence(magnitudes(min, max - 1n), optional(fraction)), end);
}

/** 0 ≤ `min` ≤ `max` */
function magnitudes(min: bigint, max: bigint | null): Expression {
  const low = min.toString();
  // What lies further out is no longer counted without gaps.
  const high = (max ?? BigInt(Number.MAX_SAFE_INTEGER)).toString();
  const options: Expression[] = [];
  for (let length = low.length; length <= high.length; length += 1) {
    const from = length === low.length ? low : `1${'0'.repeat(length - 1)}`;
    const to = length === high.length ? high : '9'.repeat(length);
    options.push(sameLength(from, to));
  }
  return choice(...options);
}

/** Texts of digits between two of the same length. */
function sameLength(from: string, to: string): Expression {
  if (from === to) return literal(from);
  const [first, last] = [Number(from[0]), Number(to[0])];
  const rest = from.length - 1;
  if (rest === 0) return oneOf(`${first}-${last}`);
  if (first === last)
    return sequence(literal(String(first)), sameLength(from.slice(1), to.slice(1)));
  const options: Expression[] = [];
  const isFromRound = /^0*$/.test(from.slice(1));
  const isToRound = /^9*$/.test(to.slice(1));
  const wholeFirst = isFromRound ? first : first + 1;
  const wholeLast = isToRound ? last : last - 1;
  if (!isFromRound)
    options.push(sequence(literal(String(first)), sameLength(from.slice(1), '9'.repeat(rest))));
  if (wholeFirst <= wholeLast)
    options.push(sequence(oneOf(`${wholeFirst}-${wholeLast}`), repeat(digit, rest, rest)));
  if (!isToRound)
    options.push(sequence(literal(String(last)), sameLength('0'.repeat(rest), to.slice(1))));
  return choice(...options);
}
