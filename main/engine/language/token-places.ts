/** Where tokens lie in the text that they were made of. */
import type { TextToken } from '../../../contract/reading.ts';
import type { TextTokenizer } from './tokenizer.ts';

/**
 * Tokens give bytes back, and bytes are followed through the text. Where a tokenizer changed the text
 * before cutting it (spaces in front, other forms of characters), places are found again at the next
 * token that is unchanged.
 * @returns one entry per id, in their order; places rise
 */
export function placeTokens(
  text: string,
  ids: readonly number[],
  tokenizer: TextTokenizer,
): TextToken[] {
  const bytes = new TextEncoder().encode(text);
  const units = unitsByByte(text, bytes.length);
  let at = 0;
  /** After a token that is not in the text, such as one that stands for unknown characters. */
  let isLost = false;
  const known = new Map<number, Written>();
  return ids.map((tokenId) => {
    const written = known.get(tokenId) ?? writtenAs(tokenId, tokenizer);
    known.set(tokenId, written);
    const { isSpecial } = written;
    const found = findBytes(bytes, written.bytes, at, isLost ? farReach : reach);
    isLost = found === null;
    const start = found?.start ?? at;
    const end = found?.end ?? at;
    // Skipped bytes belong to the token after them, so that no letter of the text is without one.
    const place = { start: units[at] ?? 0, end: units[end] ?? text.length };
    const isAdded = isSpecial && start !== at;
    if (isAdded) {
      const { start: before } = place;
      return { tokenId, text: written.text, start: before, end: before, isSpecial };
    }
    at = end;
    return { tokenId, text: written.text, ...place, isSpecial };
  });
}

interface Written {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly isSpecial: boolean;
}

function writtenAs(tokenId: number, tokenizer: TextTokenizer): Written {
  if (!tokenizer.isSpecial(tokenId))
    return { text: tokenizer.textOf(tokenId), bytes: tokenizer.bytesOf(tokenId), isSpecial: false };
  const text = tokenizer.tokenOf(tokenId) ?? '';
  return { text, bytes: new TextEncoder().encode(text), isSpecial: true };
}

/** How far a token may lie from where it is expected, bytes. */
const reach = 16;
const farReach = 4096;

function findBytes(
  bytes: Uint8Array,
  own: Uint8Array,
  from: number,
  within: number,
): { readonly start: number; readonly end: number } | null {
  if (own.length === 0) return null;
  const space = 0x20;
  // A space in front that the tokenizer added is no part of the text.
  const bare = own[0] === space ? own.subarray(1) : own;
  if (matches(bytes, own, from)) return { start: from, end: from + own.length };
  if (bare.length > 0 && matches(bytes, bare, from))
    return { start: from, end: from + bare.length };
  for (let start = from + 1; start <= from + within && start < bytes.length; start += 1)
    if (matches(bytes, own, start)) return { start, end: start + own.length };
  return null;
}

function matches(bytes: Uint8Array, own: Uint8Array, at: number): boolean {
  if (at + own.length > bytes.length) return false;
  for (let index = 0; index < own.length; index += 1)
    if (bytes[at + index] !== own[index]) return false;
  return true;
}

/** [bytes + 1]: the UTF-16 unit at which the character of each byte begins. */
function unitsByByte(text: string, length: number): Uint32Array {
  const units = new Uint32Array(length + 1);
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units.fill(unit, byte, byte + size);
    byte += size;
    unit += character.length;
  }
  units[length] = unit;
  return units;
}
