/** What was done to pictures, in words. Pure. */
import type { MarkChange } from '../../../contract/images.ts';

export function countOf(pictures: number): string {
  return pictures === 1 ? 'Picture' : `${pictures.toLocaleString('en')} pictures`;
}

/** @returns such as "12 pictures tagged sea" or "Picture rated 4 stars" */
export function describeMarks(change: MarkChange, pictures: number): string {
  return `${countOf(pictures)} ${whatHappened(change)}`;
}

function whatHappened({ rating, flag, label, note, addTags, removeTags }: MarkChange): string {
  if (rating !== undefined)
    return rating === 0 ? 'no longer rated' : `rated ${rating} ${rating === 1 ? 'star' : 'stars'}`;
  if (flag !== undefined)
    return flag === null ? 'no longer flagged' : flag === 'pick' ? 'picked' : 'rejected';
  if (label !== undefined) return label === null ? 'no longer labelled' : `labelled ${label}`;
  if (note !== undefined) return note === '' ? 'without a note' : 'given a note';
  const added = addTags ?? [];
  const removed = removeTags ?? [];
  if (added.length > 0 && removed.length > 0) return 'tagged anew';
  if (added.length > 0) return `tagged ${added.join(', ')}`;
  if (removed.length > 0) return `no longer tagged ${removed.join(', ')}`;
  return 'left as it was';
}
