/**
 * The words that pictures are found by, as SQLite's full-text index holds them.
 *
 * The index splits text at spaces and marks. Scripts without spaces between words, and emoji, are
 * therefore given spaces around each character, in texts and questions alike.
 */
import path from 'node:path';
import type { FieldOf } from '../../../contract/search/fields.ts';
import type { ReadableDatabase, WritableDatabase } from './database/connection.ts';
import { NumberList } from './number-list.ts';

const standsAlone =
  /[\p{So}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

export interface PictureWords {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly model: string;
  readonly loras: readonly string[];
  readonly path: string;
}

export interface MarkWords {
  readonly note: string;
  readonly tags: readonly string[];
}

/** Of a new row. */
export function insertPictureWords(
  database: WritableDatabase,
  seq: number,
  { prompt, negativePrompt, model, loras, path: picturePath }: PictureWords,
): void {
  database.run(
    'INSERT INTO picture_words (rowid, prompt, negative_prompt, model, loras, name) VALUES (?, ?, ?, ?, ?, ?)',
    [
      seq,
      spaced(prompt),
      spaced(negativePrompt),
      spaced(model),
      spaced(loras.join('\n')),
      spaced(path.posix.parse(picturePath).name),
    ],
  );
}

/** In place of what was there. */
export function replaceMarkWords(
  database: WritableDatabase,
  seq: number,
  { note, tags }: MarkWords,
): void {
  database.run('DELETE FROM mark_words WHERE rowid = ?', [seq]);
  if (note === '' && tags.length === 0) return;
  database.run('INSERT INTO mark_words (rowid, note, tags) VALUES (?, ?, ?)', [
    seq,
    spaced(note),
    // One tag is not continued by the next.
    spaced(tags.join(' | ')),
  ]);
}

const pictureColumns = { prompt: 'prompt', negative: 'negative_prompt', file: 'name' } as const;

/**
 * @param field null for all texts but the negative prompt
 * @param text words side by side
 * @param isOpen whether the last one may be the beginning of a word
 * @returns keys of rows, each list in ascending order
 */
export function findWords(
  database: ReadableDatabase,
  field: FieldOf<'words'> | null,
  text: string,
  isOpen: boolean,
): readonly (readonly number[])[] {
  const phrase = `"${spaced(text).replaceAll('"', '""').replaceAll('\0', ' ')}"${isOpen ? ' *' : ''}`;
  const find = (table: 'picture_words' | 'mark_words', columns: string) =>
    database.get(
      NumberList,
      `SELECT json_group_array(rowid) AS numbers FROM ${table} WHERE ${table} MATCH ?`,
      [`{${columns}} : (${phrase})`],
    )?.numbers ?? [];
  switch (field) {
    case null:
      return [find('picture_words', 'prompt model loras name'), find('mark_words', 'note tags')];
    case 'note':
      return [find('mark_words', 'note')];
    case 'prompt':
    case 'negative':
    case 'file':
      return [find('picture_words', pictureColumns[field])];
    default:
      return field satisfies never;
  }
}

function spaced(text: string): string {
  return text.replaceAll(standsAlone, ' $& ');
}
