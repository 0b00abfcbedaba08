/** Which entries of a lorebook a text brings up. */
import type { LoreEntry } from '../../../../contract/projects.ts';

/** Matching a pattern that a person wrote must not hang: longer texts are searched by their end alone. */
const regexCharacters = 20_000;

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
  const pattern = patternOf(key, caseSensitive, wholeWords);
  if (pattern === null) return -1;
  const offset = Math.max(0, text.length - regexCharacters);
  let at = -1;
  for (const { index } of text.slice(offset).matchAll(pattern)) at = offset + index;
  return at;
}

/** @returns null for an expression that is none */
function patternOf(key: string, caseSensitive: boolean, wholeWords: boolean): RegExp | null {
  const written = /^\/(?<source>.+)\/(?<flags>[imsu]*)$/s.exec(key)?.groups;
  try {
    if (written) return new RegExp(written['source'] ?? '', `${written['flags'] ?? ''}g`);
  } catch {
    return null;
  }
  const literal = key.trim().replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`);
  if (literal === '') return null;
  const bounded = wholeWords ? String.raw`(?<![\p{L}\p{N}_])${literal}(?![\p{L}\p{N}_])` : literal;
  return new RegExp(bounded, caseSensitive ? 'gu' : 'giu');
}
