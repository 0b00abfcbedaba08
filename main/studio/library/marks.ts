/**
 * Marks of pictures: stars, flags, labels, tags, notes.
 *
 * Promises: they belong to contents, so that copies of a file share them; they are in the journal
 * before the database knows them; taking a change back leaves alone what was changed since.
 */
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { libraryLimits, type MarkChange } from '../../../contract/images.ts';
import { storageError } from '../storage-error.ts';
import type { Outcome } from './change-history.ts';
import type { LibraryStore } from './image-changes.ts';
import { placeRowOf } from './image-queries.ts';
import type { Mark, MarkField } from './marks-journal.ts';
import { replaceMarkWords } from './search-index.ts';
import type { WritableDatabase } from './database/connection.ts';

/** The marks of one content, all of them. */
export interface Marks {
  readonly rating: number;
  readonly flag: NonNullable<Mark['flag']> | null;
  readonly label: NonNullable<Mark['label']> | null;
  readonly tags: readonly string[];
  readonly note: string;
}

/** What a change did to one content. */
interface MarkStep {
  readonly hash: string;
  readonly before: Partial<Marks>;
  readonly after: Partial<Marks>;
}

const IdRow = z.object({ id: z.string() });
const ChangedRow = z.object({ id: z.string(), seq: z.number().int() });

export function marksOf(mark: Mark | undefined): Marks {
  const { rating = 0, flag = null, label = null, tags = [], note = '' } = mark ?? {};
  return { rating, flag, label, tags, note };
}

/** Two tags with one key are the same. */
export function tagKey(tag: string): string {
  return tag.normalize('NFC').toLowerCase();
}

/**
 * @throws {StudioError} `not-found`, or `bad-request` for too many tags, before anything changes
 */
export function markImages(
  store: LibraryStore,
  ids: readonly string[],
  change: MarkChange,
): Outcome {
  const hashes = new Set(ids.map((id) => placeRowOf(store.database, id).content_hash));
  const removed = new Set(change.removeTags?.map(tagKey));
  const added = change.addTags?.map((tag) => store.tagNames.nameOf(tag)) ?? [];
  const steps = [...hashes].flatMap((hash) => {
    const marks = marksOf(store.marks.find(hash));
    const kept = marks.tags.filter((tag) => !removed.has(tagKey(tag)));
    return stepTo(hash, marks, {
      rating: change.rating ?? marks.rating,
      flag: change.flag === undefined ? marks.flag : change.flag,
      label: change.label === undefined ? marks.label : change.label,
      tags: withTags(kept, added),
      note: change.note ?? marks.note,
    });
  });
  const crowded = steps.find(
    ({ after }) => (after.tags?.length ?? 0) > libraryLimits.tagsOfOnePicture,
  );
  if (crowded) {
    throw new StudioError(
      'bad-request',
      `A picture can have at most ${libraryLimits.tagsOfOnePicture} tags. Take some off it first.`,
      { contentHash: crowded.hash },
    );
  }
  return take(store, steps);
}

/** Marks that a file or one beside it tells of. */
export interface FoundMarks extends Omit<Marks, 'rating'> {
  readonly rating: number | null;
}

/** Takes up marks where nobody set any, of tags all. Fills a picture's tags at most. */
export function fillMarks(
  store: LibraryStore,
  fills: readonly { readonly hash: string; readonly found: FoundMarks }[],
): Outcome {
  const current = new Map<string, Marks>();
  const steps = fills.flatMap(({ hash, found }) => {
    const mark = store.marks.find(hash);
    const marks = current.get(hash) ?? marksOf(mark);
    const filled = <K extends 'rating' | 'flag' | 'label' | 'note'>(field: K, to: Marks[K]) =>
      mark?.at?.[field] === undefined && isSame(marks[field], marksOf(undefined)[field])
        ? to
        : marks[field];
    const tags = withTags(
      marks.tags,
      found.tags.map((tag) => store.tagNames.nameOf(tag)),
    );
    const to: Marks = {
      rating: filled('rating', found.rating ?? 0),
      flag: filled('flag', found.flag),
      label: filled('label', found.label),
      note: filled('note', found.note),
      tags: tags === marks.tags ? tags : tags.slice(0, libraryLimits.tagsOfOnePicture),
    };
    current.set(hash, to);
    return stepTo(hash, marks, to);
  });
  return take(store, steps);
}

/** @throws {StudioError} `not-found` */
export function renameTag(store: LibraryStore, from: string, to: string): Outcome {
  const key = tagKey(from);
  const isRespelling = key === tagKey(to);
  const name = isRespelling ? to : store.tagNames.nameOf(to);
  const steps = stepsOfTagged(store, key, (tags) => {
    if (isRespelling) return tags.map((tag) => (tagKey(tag) === key ? name : tag));
    return withTags(
      tags.filter((tag) => tagKey(tag) !== key),
      [name],
    );
  });
  return take(store, steps);
}

/** @throws {StudioError} `not-found` */
export function removeTag(store: LibraryStore, tag: string): Outcome {
  const key = tagKey(tag);
  return take(
    store,
    stepsOfTagged(store, key, (tags) => tags.filter((each) => tagKey(each) !== key)),
  );
}

function stepsOfTagged(
  { marks }: LibraryStore,
  key: string,
  change: (tags: readonly string[]) => readonly string[],
): MarkStep[] {
  const tagged = [...marks.all()].filter(({ tags = [] }) =>
    tags.some((tag) => tagKey(tag) === key),
  );
  if (tagged.length === 0) {
    throw new StudioError('not-found', 'No picture has this tag any more. Reload the gallery.', {
      tag: key,
    });
  }
  return tagged.flatMap((mark) => {
    const known = marksOf(mark);
    return stepTo(mark.hash, known, { ...known, tags: change(known.tags) });
  });
}

function withTags(tags: readonly string[], added: readonly string[]): readonly string[] {
  const keys = new Set(tags.map(tagKey));
  const fresh = added.filter((tag) => !keys.has(tagKey(tag)) && keys.add(tagKey(tag)));
  return fresh.length === 0 ? tags : [...tags, ...fresh];
}

/** Nothing where nothing changes. */
function stepTo(hash: string, from: Marks, to: Marks): MarkStep[] {
  const before: { -readonly [K in keyof Marks]?: Marks[K] } = {};
  const after: { -readonly [K in keyof Marks]?: Marks[K] } = {};
  const note = <K extends keyof Marks>(field: K) => {
    if (isSame(from[field], to[field])) return;
    before[field] = from[field];
    after[field] = to[field];
  };
  note('rating');
  note('flag');
  note('label');
  note('tags');
  note('note');
  return Object.keys(after).length === 0 ? [] : [{ hash, before, after }];
}

function isSame(a: Marks[keyof Marks], b: Marks[keyof Marks]): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function take(store: LibraryStore, steps: readonly MarkStep[]): Outcome {
  const { marks, database, folder, now } = store;
  const at = now();
  try {
    marks.append(
      steps.map(({ hash, after }): Mark => {
        const { tags, ...rest } = after;
        const fields = Object.keys(after) as MarkField[];
        return {
          hash,
          ...rest,
          ...(tags ? { tags: [...tags] } : {}),
          at: Object.fromEntries(fields.map((field) => [field, at])),
        };
      }),
    );
    const ids = database.transaction(() => {
      const changed = steps.flatMap(({ hash, after }) => {
        for (const tag of after.tags ?? []) store.tagNames.note(tag);
        return writeMarks(database, hash, marksOf(marks.find(hash)), after);
      });
      noteJournal(store);
      return changed;
    });
    return {
      changes: ids.length > 0 ? [{ kind: 'changed', ids }] : [],
      weight: steps.length,
      undo: (current) =>
        take(
          current,
          steps.flatMap((step) => stepBack(current, step)),
        ),
    };
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** Back to `before` where it is still as the change left it; of tags, those that it changed. */
function stepBack({ marks }: LibraryStore, { hash, before, after }: MarkStep): MarkStep[] {
  const current = marksOf(marks.find(hash));
  const back = <K extends keyof Marks>(field: K): Marks[K] => {
    const was = before[field];
    return was !== undefined && isSame(current[field], after[field] ?? current[field])
      ? was
      : current[field];
  };
  const added = new Set((after.tags ?? []).filter((tag) => !before.tags?.includes(tag)));
  const removed = (before.tags ?? []).filter((tag) => !after.tags?.includes(tag));
  const tags = isSame(current.tags, after.tags ?? [])
    ? (before.tags ?? current.tags)
    : withTags(
        current.tags.filter((tag) => !added.has(tag)),
        removed,
      );
  return stepTo(hash, current, {
    rating: back('rating'),
    flag: back('flag'),
    label: back('label'),
    note: back('note'),
    tags: after.tags ? tags : current.tags,
  });
}

/** @param changed which of them may be others than before @returns the pictures with that content */
export function writeMarks(
  database: WritableDatabase,
  hash: string,
  marks: Marks,
  changed: Partial<Marks>,
): string[] {
  const { rating, flag, label, tags, note } = marks;
  const rows = database.all(
    ChangedRow,
    `UPDATE images SET rating = ?, flag = ?, label = ?, tags = ?, has_note = ?
     WHERE content_hash = ? RETURNING id, seq`,
    [rating, flag ?? '', label ?? '', tags.join('\n'), Number(note !== ''), hash],
  );
  if (changed.tags === undefined && changed.note === undefined) return rows.map(({ id }) => id);
  for (const { seq } of rows) {
    if (changed.note !== undefined)
      database.run('UPDATE image_texts SET note = ? WHERE seq = ?', [note, seq]);
    replaceMarkWords(database, seq, { note, tags });
  }
  return rows.map(({ id }) => id);
}

const StateRow = z.object({ marks_bytes: z.number().int() });

/** Brings the rows to what the journal says, where a change was cut off between the two. */
export function catchUpMarks(store: LibraryStore): void {
  const { database, marks } = store;
  const known = database.get(StateRow, 'SELECT marks_bytes FROM library_state')?.marks_bytes;
  if (known !== marks.file.sizeAtOpenBytes) {
    for (const mark of marks.all()) {
      if (database.get(IdRow, 'SELECT id FROM images WHERE content_hash = ?', [mark.hash]))
        writeMarks(database, mark.hash, marksOf(mark), marksOf(mark));
    }
  }
  noteJournal(store);
}

/** Notes that the rows know all of the journal. */
export function noteJournal({ database, marks }: LibraryStore): void {
  database.run('UPDATE library_state SET marks_bytes = ? WHERE marks_bytes <> ?', [
    marks.file.sizeBytes,
    marks.file.sizeBytes,
  ]);
}
