/**
 * Turns tokens into text as it may be shown.
 *
 * Promises: a character split over tokens arrives whole, with its last token; text that may be the
 * beginning of a stop string or of a banned phrase is held back until that is settled; the first stop
 * string to be there whole ends the text: what stands before it is handed out, nothing of it or after
 * it is; of a banned phrase nothing is ever handed out, in capitals or not; tokens keep their order.
 */
export interface TokenText<T> {
  readonly token: T;
  readonly text: string;
}

export interface Assembled<T> {
  /** Tokens whose text is settled. */
  readonly settled: TokenText<T>[];
  /** Once a stop string was met. */
  readonly stopped: boolean;
  /**
   * The tokens that were taken back because a banned phrase came about, the one in which it begins
   * first; empty where none did. The next `push` is what stands in place of that first one.
   */
  readonly takenBack: T[];
}

export interface TextAssembler<T> {
  push(token: T, bytes: Uint8Array): Assembled<T>;
  /** What is still held back when the text ends; an unfinished character is left out. */
  finish(): TokenText<T>[];
}

interface HeldToken<T> extends TokenText<T> {
  /** The last bytes before it, in which a character may have begun. */
  readonly bytesBefore: Uint8Array;
}

/** A character has up to four bytes, so at most three of one can be waiting for the rest. */
const mostPendingBytes = 3;

export function createTextAssembler<T>(
  stopStrings: readonly string[],
  bannedPhrases: readonly string[] = [],
): TextAssembler<T> {
  const banned = bannedPhrases.map(foldCase);
  let utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  let lastBytes = new Uint8Array();
  let held: HeldToken<T>[] = [];

  /** Takes held tokens back, so that the next bytes follow those before the first of them. */
  function takeBack(from: number): T[] {
    const taken = held.splice(from);
    lastBytes = Uint8Array.from(taken[0]?.bytesBefore ?? []);
    utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
    // Only an unfinished character is left over from this, whatever stood before it.
    utf8.decode(lastBytes, { stream: true });
    return taken.map(({ token }) => token);
  }

  /** How many of the held tokens nothing that follows can change. */
  function settledCount(text: string, folded: string): number {
    let count = held.length;
    let end = text.length;
    for (;;) {
      const open = Math.max(
        heldLength(text.slice(0, end), stopStrings),
        heldLength(folded.slice(0, end), banned),
      );
      while (count > 0 && lengthOf(held, count) > end - open) count -= 1;
      // Where a phrase may be taken back, what stands before it may go on in another way.
      if (open === 0 || banned.length === 0) return count;
      end = lengthOf(held, count);
    }
  }

  return {
    push(token, bytes) {
      held.push({ token, text: utf8.decode(bytes, { stream: true }), bytesBefore: lastBytes });
      lastBytes = Uint8Array.from([...lastBytes, ...bytes].slice(-mostPendingBytes));
      const text = held.map((entry) => entry.text).join('');
      const folded = banned.length > 0 ? foldCase(text) : '';
      const stopAt = findFirst(text, stopStrings);
      const bannedAt = findFirst(folded, banned);
      if (bannedAt !== null && (stopAt === null || bannedAt <= stopAt))
        return { settled: [], stopped: false, takenBack: takeBack(tokenAt(held, bannedAt)) };
      if (stopAt !== null) {
        const settled = cut(held, stopAt);
        held = [];
        return { settled, stopped: true, takenBack: [] };
      }
      const count = settledCount(text, folded);
      return { settled: held.splice(0, count).map(shown), stopped: false, takenBack: [] };
    },
    finish: () => held.splice(0).map(shown),
  };
}

function shown<T>({ token, text }: TokenText<T>): TokenText<T> {
  return { token, text };
}

/** Small letters for capitals, as long as the text stays as long as it is. */
function foldCase(text: string): string {
  return text.replace(/[\p{Lu}\p{Lt}]/gu, (letter) => {
    const small = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  });
}

/** @returns where the first of the texts begins, null if there is none */
function findFirst(text: string, sought: readonly string[]): number | null {
  const found = sought.map((part) => text.indexOf(part)).filter((index) => index >= 0);
  return found.length > 0 ? Math.min(...found) : null;
}

/** @returns length of the longest end of `text` that begins one of the sought texts */
function heldLength(text: string, sought: readonly string[]): number {
  let longest = 0;
  for (const part of sought) {
    for (let length = Math.min(part.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(part.slice(0, length))) longest = length;
    }
  }
  return longest;
}

function lengthOf(entries: readonly TokenText<unknown>[], count: number): number {
  return entries.slice(0, count).reduce((sum, { text }) => sum + text.length, 0);
}

/** The token that the character at `place` came with. */
function tokenAt(entries: readonly TokenText<unknown>[], place: number): number {
  let end = 0;
  for (const [index, { text }] of entries.entries()) {
    end += text.length;
    if (place < end) return index;
  }
  return entries.length - 1;
}

/** The tokens that begin before `end`, the last one shortened to it. */
function cut<T>(entries: readonly TokenText<T>[], end: number): TokenText<T>[] {
  const kept: TokenText<T>[] = [];
  let at = 0;
  for (const { token, text } of entries) {
    if (at >= end) break;
    kept.push({ token, text: text.slice(0, end - at) });
    at += text.length;
  }
  return kept;
}
