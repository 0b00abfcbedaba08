/**
 * Turns tokens into text as it may be shown.
 *
 * Promises: a character split over tokens arrives whole, with its last token; text that may be the
 * beginning of a stop string is held back until that is settled; the first stop string to be there whole
 * ends the text: what stands before it is handed out, nothing of it or after it is; tokens keep their order.
 */
export interface TokenText<T> {
  readonly token: T;
  readonly text: string;
}

export interface TextAssembler<T> {
  /** @returns tokens whose text is settled; `stopped` once a stop string was met */
  push(
    token: T,
    bytes: Uint8Array,
  ): { readonly settled: TokenText<T>[]; readonly stopped: boolean };
  /** What is still held back when the text ends; an unfinished character is left out. */
  finish(): TokenText<T>[];
}

export function createTextAssembler<T>(stopStrings: readonly string[]): TextAssembler<T> {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  let held: TokenText<T>[] = [];

  return {
    push(token, bytes) {
      held.push({ token, text: utf8.decode(bytes, { stream: true }) });
      const text = held.map((entry) => entry.text).join('');
      const stopAt = findFirst(text, stopStrings);
      if (stopAt !== null) {
        const settled = cut(held, stopAt);
        held = [];
        return { settled, stopped: true };
      }
      let free = text.length - heldLength(text, stopStrings);
      let count = 0;
      for (const entry of held) {
        free -= entry.text.length;
        if (free < 0) break;
        count += 1;
      }
      return { settled: held.splice(0, count), stopped: false };
    },
    finish: () => held.splice(0),
  };
}

/** @returns where the first stop string begins, null if there is none */
function findFirst(text: string, stopStrings: readonly string[]): number | null {
  const found = stopStrings.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
  return found.length > 0 ? Math.min(...found) : null;
}

/** @returns length of the longest end of `text` that begins a stop string */
function heldLength(text: string, stopStrings: readonly string[]): number {
  let longest = 0;
  for (const stop of stopStrings) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
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
