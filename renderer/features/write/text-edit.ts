/** One replacement in a text, and what it does to places and stretches of that text. Pure. */
export interface TextEdit {
  /** Where the replaced stretch begins. */
  readonly at: number;
  readonly removed: string;
  readonly inserted: string;
}

/** A stretch of text: from `start` up to but not including `end`, in UTF-16 units. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export function applyEdit(text: string, edit: TextEdit): string {
  return text.slice(0, edit.at) + edit.inserted + text.slice(edit.at + edit.removed.length);
}

export function invertEdit(edit: TextEdit): TextEdit {
  return { at: edit.at, removed: edit.inserted, inserted: edit.removed };
}

/**
 * The edit that turned one text into another.
 * @param caret where the caret stands afterwards: it decides between edits that look the same
 * @returns null when nothing changed
 */
export function editBetween(before: string, after: string, caret: number): TextEdit | null {
  if (before === after) return null;
  const tail = after.slice(caret);
  let suffix = tail.length;
  if (!before.endsWith(tail)) {
    suffix = 0;
    const most = Math.min(before.length, after.length);
    while (suffix < most && before.at(-1 - suffix) === after.at(-1 - suffix)) suffix += 1;
  }
  const most = Math.min(before.length, after.length) - suffix;
  let at = 0;
  while (at < most && before[at] === after[at]) at += 1;
  return {
    at,
    removed: before.slice(at, before.length - suffix),
    inserted: after.slice(at, after.length - suffix),
  };
}

/** Where a place in the text is after an edit; a place inside removed text goes to the end of what replaced it. */
export function movePlace(place: number, { at, removed, inserted }: TextEdit): number {
  if (place < at) return place;
  if (place >= at + removed.length) return place + inserted.length - removed.length;
  return at + inserted.length;
}

/** Stretches after an edit: what was removed is cut out, what was typed inside one splits it. */
export function moveStretches(stretches: readonly Stretch[], edit: TextEdit): Stretch[] {
  const removedEnd = edit.at + edit.removed.length;
  const shift = edit.inserted.length - edit.removed.length;
  return stretches
    .flatMap(({ start, end }) => [
      { start, end: Math.min(end, edit.at) },
      { start: Math.max(start, removedEnd) + shift, end: end + shift },
    ])
    .filter(({ start, end }) => start < end);
}

/** Adds a stretch and joins those that touch. */
export function addStretch(stretches: readonly Stretch[], added: Stretch): Stretch[] {
  if (added.start >= added.end) return [...stretches];
  const joined: Stretch[] = [];
  for (const next of [...stretches, added].toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && next.start <= last.end)
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, next.end) };
    else joined.push(next);
  }
  return joined;
}

/** Marks that carry more than their stretch: those the edit touches are dropped, later ones move. */
export function moveMarks<M extends Stretch>(marks: readonly M[], edit: TextEdit): readonly M[] {
  const removedEnd = edit.at + edit.removed.length;
  const shift = edit.inserted.length - edit.removed.length;
  const first = marks.findIndex(({ end }) => end > edit.at);
  if (first < 0) return marks;
  const moved = marks
    .slice(first)
    .filter(({ start }) => start >= removedEnd)
    .map((mark) => ({ ...mark, start: mark.start + shift, end: mark.end + shift }));
  return [...marks.slice(0, first), ...moved];
}
