/**
 * Which entries of a lorebook a text brings up.
 *
 * Promises: a pattern that would take for ever, as a card from elsewhere may hold, is given up and brings nothing up.
 */
import { createContext, Script } from 'node:vm';
import type { LoreEntry } from '../../../../contract/projects.ts';

/** Longer texts are searched by their end alone. */
const searchedCharacters = 100_000;
/** For a pattern. An honest one takes a hundredth of that. */
const mostMs = 50;

/** Runs where V8 can be stopped; nothing else interrupts a pattern with repetitions within repetitions. */
const findLast = new Script(`
  let last = -1;
  for (const { index } of text.matchAll(new RegExp(source, flags))) last = index;
  last;
`);

/**
 * @param text what stands before the cursor
 * @returns in the order of their first mention from the end: what was named last comes first; constant ones are
 *   not among them
 */
export function triggeredLore(entries: readonly LoreEntry[], text: string): readonly LoreEntry[] {
  const found: { readonly entry: LoreEntry; readonly at: number }[] = [];
  for (const entry of entries) {
    if (!entry.enabled || entry.constant) continue;
    const scanned = text.slice(Math.max(0, text.length - entry.scanCharacters));
    const at = lastMention(entry, entry.keys, scanned);
    if (at < 0) continue;
    if (entry.secondaryKeys.length > 0 && lastMention(entry, entry.secondaryKeys, scanned) < 0)
      continue;
    found.push({ entry, at: at - scanned.length });
  }
  return found.toSorted((a, b) => b.at - a.at).map(({ entry }) => entry);
}

/** @returns where the last of the keys begins; −1 if none is there */
function lastMention(entry: LoreEntry, keys: readonly string[], text: string): number {
  return Math.max(-1, ...keys.map((key) => lastIndexOf(key, text, entry)));
}

function lastIndexOf(
  key: string,
  text: string,
  { caseSensitive, wholeWords }: Pick<LoreEntry, 'caseSensitive' | 'wholeWords'>,
): number {
  const offset = Math.max(0, text.length - searchedCharacters);
  const searched = text.slice(offset);
  const written = /^\/(?<source>.+)\/(?<flags>[imsu]*)$/s.exec(key)?.groups;
  const at = written
    ? lastOfPattern(written['source'] ?? '', written['flags'] ?? '', searched)
    : lastOfWords(key, searched, caseSensitive, wholeWords);
  return at < 0 ? -1 : at + offset;
}

/** @returns −1 also for an expression that is none, or that takes too long */
function lastOfPattern(source: string, flags: string, text: string): number {
  const context = createContext({ source, flags: `${flags}g`, text });
  try {
    return Number(findLast.runInContext(context, { timeout: mostMs }));
  } catch {
    return -1;
  }
}

function lastOfWords(
  key: string,
  text: string,
  caseSensitive: boolean,
  wholeWords: boolean,
): number {
  const literal = key.trim().replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`);
  if (literal === '') return -1;
  const bounded = wholeWords ? String.raw`(?<![\p{L}\p{N}_])${literal}(?![\p{L}\p{N}_])` : literal;
  let last = -1;
  for (const { index } of text.matchAll(new RegExp(bounded, caseSensitive ? 'gu' : 'giu')))
    last = index;
  return last;
}
