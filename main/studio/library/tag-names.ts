/** How the tags of a library are spelled: as they were first, until they are renamed. */
import type { MarksJournal } from './marks-journal.ts';
import { tagKey } from './marks.ts';

export interface TagNames {
  /** @returns the spelling that is in use, or the tag as it is */
  nameOf(tag: string): string;
  /** The spelling from now on. */
  note(tag: string): void;
}

export function createTagNames(marks: MarksJournal): TagNames {
  let names: Map<string, string> | null = null;

  /** Read when it is first needed: opening a library does not wait for it. */
  function known(): Map<string, string> {
    names ??= new Map(
      [...marks.all()].flatMap(({ tags = [] }) => tags).map((tag) => [tagKey(tag), tag]),
    );
    return names;
  }

  return {
    nameOf: (tag) => known().get(tagKey(tag)) ?? tag,
    note: (tag) => void known().set(tagKey(tag), tag),
  };
}
