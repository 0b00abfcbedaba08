/**
 * What people did to pictures and what the files themselves do not say, beside the database: ratings
 * and other marks, where a trashed picture came from, recipes that were not to be embedded.
 *
 * Keyed by content hash, since file names may change outside; see `journal-file.ts` for its promises.
 */
import path from 'node:path';
import { z } from 'zod';
import { ContentHash, Timestamp } from '../../../contract/ids.ts';
import { RawText, Recipe } from '../../../contract/images.ts';
import { ColourLabel, Flag } from '../../../contract/picture-facts.ts';
import { PicturePath } from './image-rows.ts';
import {
  openJournalFile,
  readJournalFile,
  type JournalFile,
  type ReadJournal,
} from './journal-file.ts';

export const markFields = ['rating', 'flag', 'label', 'tags', 'note'] as const;
export type MarkField = (typeof markFields)[number];

export const Mark = z.object({
  hash: ContentHash,
  rating: z.number().int().min(0).max(5).optional(),
  flag: Flag.nullable().optional(),
  label: ColourLabel.nullable().optional(),
  /** All of them. */
  tags: z.array(z.string()).optional(),
  note: z.string().optional(),
  /** When each of these was last set; two libraries that meet keep the newer one. */
  at: z.partialRecord(z.enum(markFields), Timestamp).optional(),
  /** Where a trashed picture lay; null once it is restored. */
  restorePath: PicturePath.nullable().optional(),
  /** Where an imported file lay. */
  importedFrom: z.string().optional(),
  recipe: Recipe.optional(),
  /** Text that lies in the pixels of a picture: too slow to look for when a database is made anew. */
  hidden: RawText.optional(),
  /** Deleted for good: nothing is known of this content any more. */
  deleted: z.literal(true).optional(),
});
export type Mark = z.infer<typeof Mark>;

export interface MarksJournal extends Disposable {
  readonly file: Pick<JournalFile<Mark>, 'sizeAtOpenBytes' | 'sizeBytes'>;
  /** All that is known of a content, later lines over earlier ones. */
  find(contentHash: string): Mark | undefined;
  /** Of every content. */
  all(): IterableIterator<Mark>;
  append(marks: readonly Mark[]): void;
  /** See `JournalFile`. */
  rewrite(): void;
}

export const marksJournalName = 'library-journal.jsonl';

/** @throws the file system's error */
export function openMarksJournal(folder: string): MarksJournal {
  const marks = new Map<string, Mark>();
  const file = openJournalFile(
    path.join(folder, marksJournalName),
    Mark,
    (mark) => takeUp(marks, mark),
    () => [...marks.values()],
  );
  return {
    find: (contentHash) => marks.get(contentHash),
    all: () => marks.values(),
    file,
    append: file.append,
    rewrite: file.rewrite,
    [Symbol.dispose]: file[Symbol.dispose],
  };
}

/** All that a journal says, by content, without changing it. @throws the file system's error */
export function readMarksJournal(
  journalPath: string,
): ReadJournal & { readonly marks: ReadonlyMap<string, Mark> } {
  const marks = new Map<string, Mark>();
  return { ...readJournalFile(journalPath, Mark, (mark) => takeUp(marks, mark)), marks };
}

function takeUp(marks: Map<string, Mark>, mark: Mark): void {
  const known = marks.get(mark.hash);
  if (mark.deleted) marks.delete(mark.hash);
  else marks.set(mark.hash, known ? { ...known, ...mark, at: { ...known.at, ...mark.at } } : mark);
}
