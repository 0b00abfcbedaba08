/** What can be typed next. Pure: the editor draws it. */

export interface Completion {
  /** What is replaced, UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Wildcards that fit, those that begin so first. */
  readonly names: readonly string[];
}

const maxNames = 30;

/** @param caret UTF-16 units @returns null where nothing fits */
export function completionAt(
  text: string,
  caret: number,
  wildcards: readonly string[],
): Completion | null {
  const typed = /__([\p{L}\p{N}/.-]*(?:_[\p{L}\p{N}/.-]+)*_?)$/u.exec(text.slice(0, caret));
  if (!typed) return null;
  const start = typed.index;
  // An even number of marks before means that this one closes a wildcard.
  const marks = text.slice(0, start).split('__').length - 1;
  if (marks % 2 === 1) return null;
  const word = (typed[1] ?? '').toLowerCase();
  const fitting = wildcards.filter((name) => name.toLowerCase().includes(word));
  const names = [
    ...fitting.filter((name) => name.toLowerCase().startsWith(word)),
    ...fitting.filter((name) => !name.toLowerCase().startsWith(word)),
  ].slice(0, maxNames);
  return names.length === 0 ? null : { start, end: caret, names };
}
