/**
 * What a person types into the gallery's search field, as conditions for SQLite.
 *
 * Words must all occur; the last one may be the beginning of a word, since it is still being typed.
 * Words that the full-text index cannot hold (scripts written without spaces, emoji) are looked for
 * in the rows themselves.
 */

export interface Search {
  /** An FTS5 query over the text columns; null where no word can use the index. */
  readonly match: string | null;
  /** Lower-case texts that must occur literally in a row. */
  readonly literals: readonly string[];
}

const wordCharacter = /[\p{L}\p{N}]/u;
/** The index splits text at spaces and marks, of which these scripts have none between words. */
const withoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

export function readSearch(text: string): Search {
  const words = text
    .replaceAll('\0', ' ')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const literals = words.filter((word) => !wordCharacter.test(word) || withoutSpaces.test(word));
  const indexed = words.filter((word) => !literals.includes(word));
  const isOpen = indexed.length > 0 && !/\s$/.test(text) && indexed.at(-1) === words.at(-1);
  const terms = indexed.map((word, i) => {
    const quoted = `"${word.replaceAll('"', '""')}"`;
    return isOpen && i === indexed.length - 1 ? `${quoted} *` : quoted;
  });
  return {
    match: terms.length === 0 ? null : `{prompt negative_prompt model} : (${terms.join(' AND ')})`,
    literals: literals.map((word) => word.toLowerCase()),
  };
}
