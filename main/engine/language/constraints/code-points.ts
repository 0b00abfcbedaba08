/** Sets of characters as ranges of code points, and their UTF-8 bytes. */

/** Both ends included. */
export interface CodePointRange {
  readonly first: number;
  readonly last: number;
}

export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const lastCodePoint = 0x10ffff;
const surrogates: CodePointRange = { first: 0xd800, last: 0xdfff };

/** @returns the same set in rising order, without overlaps and without surrogates, which no text holds */
export function normalised(ranges: readonly CodePointRange[]): CodePointRange[] {
  const merged: { first: number; last: number }[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last);
    else if (first <= last) merged.push({ first, last });
  }
  return merged.flatMap(({ first, last }) =>
    [
      { first, last: Math.min(last, surrogates.first - 1) },
      { first: Math.max(first, surrogates.last + 1), last },
    ].filter((part) => part.first <= part.last),
  );
}

/** Every character that is not in `ranges`. */
export function complement(ranges: readonly CodePointRange[]): CodePointRange[] {
  const outside: CodePointRange[] = [];
  let next = 0;
  for (const { first, last } of normalised([...ranges, surrogates])) {
    if (next < first) outside.push({ first: next, last: first - 1 });
    next = last + 1;
  }
  if (next <= lastCodePoint) outside.push({ first: next, last: lastCodePoint });
  return normalised(outside);
}

export function difference(
  ranges: readonly CodePointRange[],
  taken: readonly CodePointRange[],
): CodePointRange[] {
  return complement([...complement(ranges), ...taken]);
}

export function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** Ranges of code points whose UTF-8 has the same length and, in all but the last byte, any continuation. */
const lengthLimits = [0x7f, 0x7ff, 0xffff, lastCodePoint] as const;

/**
 * The UTF-8 forms of a set: sequences of one range per byte, which together match its characters and
 * nothing else.
 * Source: Cox 2010, https://swtch.com/~rsc/regexp/regexp3.html, on splitting ranges
 */
export function utf8Sequences(ranges: readonly CodePointRange[]): ByteRange[][] {
  return normalised(ranges).flatMap((range) => split(range.first, range.last));
}

function split(first: number, last: number): ByteRange[][] {
  for (const limit of lengthLimits)
    if (first <= limit && last > limit) return [...split(first, limit), ...split(limit + 1, last)];
  if (last <= 0x7f) return [[{ first, last }]];
  // Every byte but the first one holds six bits: a sequence of ranges is right where the ends agree
  // above them, or where everything below them is covered.
  for (const bits of [6, 12, 18]) {
    const low = (1 << bits) - 1;
    if ((first & ~low) === (last & ~low)) continue;
    if ((first & low) !== 0)
      return [...split(first, first | low), ...split((first | low) + 1, last)];
    if ((last & low) !== low)
      return [...split(first, (last & ~low) - 1), ...split(last & ~low, last)];
  }
  const [firsts, lasts] = [encoded(first), encoded(last)];
  return [firsts.map((byte, place) => ({ first: byte, last: lasts[place] ?? byte }))];
}

function encoded(codePoint: number): number[] {
  return [...new TextEncoder().encode(String.fromCodePoint(codePoint))];
}
