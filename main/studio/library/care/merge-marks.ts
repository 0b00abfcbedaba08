/**
 * Marks of one content from two places. Pure.
 *
 * Promises: whichever is taken over into the other, the marks are the same; of each field the newer
 * one counts; where neither says when, nothing is lost that can be kept.
 */
import { libraryLimits } from '../../../../contract/images.ts';
import { markFields, type Mark, type MarkField } from '../marks-journal.ts';
import { marksOf, tagKey, type Marks } from '../marks.ts';

/** @returns what is to be written after the known ones; null where nothing changes */
export function mergedMark(known: Mark | undefined, other: Mark): Mark | null {
  const change: Mark = { hash: other.hash };
  const at: Partial<Record<MarkField, number>> = {};
  for (const field of markFields) mergeField(field, known, other, change, at);
  if (known?.restorePath === undefined && other.restorePath !== undefined)
    change.restorePath = other.restorePath;
  if (known?.importedFrom === undefined && other.importedFrom !== undefined)
    change.importedFrom = other.importedFrom;
  if (!known?.recipe && other.recipe) change.recipe = other.recipe;
  if (!known?.hidden && other.hidden) change.hidden = other.hidden;
  if (Object.keys(at).length > 0) change.at = at;
  return known && Object.keys(change).length === 1 ? null : change;
}

/** Whether it changes what a person sees. */
export function changesMarks(change: Mark): boolean {
  return markFields.some((field) => change[field] !== undefined);
}

function mergeField(
  field: MarkField,
  known: Mark | undefined,
  other: Mark,
  change: Mark,
  at: Partial<Record<MarkField, number>>,
): void {
  if (other[field] === undefined) return;
  const knownAt = known?.at?.[field] ?? -1;
  const otherAt = other.at?.[field] ?? -1;
  const ours = marksOf(known);
  const theirs = marksOf(other);
  if (known?.[field] !== undefined && knownAt > otherAt) return;
  const isNewer = known?.[field] === undefined || otherAt > knownAt;
  const merged: Marks = isNewer ? theirs : bothOf(ours, theirs);
  const isSame = JSON.stringify(merged[field]) === JSON.stringify(known?.[field]);
  if (!isSame) assign(change, field, merged);
  if (otherAt > knownAt) at[field] = otherAt;
}

function assign(change: Mark, field: MarkField, marks: Marks): void {
  switch (field) {
    case 'rating':
      change.rating = marks.rating;
      break;
    case 'flag':
      change.flag = marks.flag;
      break;
    case 'label':
      change.label = marks.label;
      break;
    case 'tags':
      change.tags = [...marks.tags];
      break;
    case 'note':
      change.note = marks.note;
      break;
    default:
      field satisfies never;
  }
}

/** The same in whichever order they come. */
function bothOf(a: Marks, b: Marks): Marks {
  const flags = new Set([a.flag, b.flag]);
  const labels = [a.label, b.label].filter((label) => label !== null).toSorted();
  return {
    rating: Math.max(a.rating, b.rating),
    flag: flags.has('pick') ? 'pick' : flags.has('reject') ? 'reject' : null,
    label: labels[0] ?? null,
    tags: unionOf(a.tags, b.tags),
    note: noteOf(a.note, b.note),
  };
}

function unionOf(a: readonly string[], b: readonly string[]): readonly string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return a;
  const byKey = new Map<string, string>();
  for (const tag of [...a, ...b].toSorted()) {
    if (!byKey.has(tagKey(tag))) byKey.set(tagKey(tag), tag);
  }
  return [...byKey.values()].slice(0, libraryLimits.tagsOfOnePicture);
}

function noteOf(a: string, b: string): string {
  const [longer = '', shorter = ''] = [a, b].toSorted(
    (one, two) => two.length - one.length || (one < two ? -1 : 1),
  );
  if (longer.includes(shorter)) return longer;
  return `${longer}\n\n${shorter}`.slice(0, libraryLimits.noteCharacters);
}
