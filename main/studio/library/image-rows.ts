/** Rows of `images` and what the contract makes of them. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { imageIdOfContent } from '../../../contract/ids.ts';
import type { ImageSummary } from '../../../contract/images.ts';
import {
  ColourLabel,
  Flag,
  PictureFormat,
  PictureSource,
} from '../../../contract/picture-facts.ts';
import { assetAddress } from './asset-address.ts';

/** The folders of a library that hold pictures; the first part of every `path`. */
export const pictureFolders = ['images', 'trash'] as const;

/** Relative to the library folder, with `/`, inside one of its picture folders. */
export const PicturePath = z
  .string()
  .refine(
    (text) => pictureFolders.some((folder) => text.startsWith(`${folder}/`)),
    'Not in a picture folder.',
  )
  .refine(
    (text) => !text.includes('\\') && !text.split('/').includes('..'),
    'Leaves the library folder.',
  );

export const SummaryRow = z.object({
  id: z.string(),
  content_hash: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  created_at: z.number().int(),
  prompt: z.string(),
  rating: z.number().int(),
  flag: z.literal('').or(Flag),
  label: z.literal('').or(ColourLabel),
  tags: z.string(),
  has_note: z.number().int(),
  format: PictureFormat,
  source: PictureSource,
  is_sheet: z.number().int(),
});
export type SummaryRow = z.infer<typeof SummaryRow>;

/** The columns of `SummaryRow`, from `summaryTables`. */
export const summaryColumns = `i.id, i.content_hash, i.width, i.height, i.created_at, t.prompt, i.rating, i.flag,
  i.label, i.tags, i.has_note, i.format, i.source, i.is_sheet`;
export const summaryTables = 'images AS i JOIN image_texts AS t ON t.seq = i.seq';

export const PlaceRow = z.object({
  seq: z.number().int(),
  id: z.string(),
  content_hash: z.string(),
  path: PicturePath,
  restore_path: PicturePath.nullable(),
  trashed: z.number().int(),
  format: PictureFormat,
});
export type PlaceRow = z.infer<typeof PlaceRow>;

export const placeColumns = 'seq, id, content_hash, path, restore_path, trashed, format';

export function summaryOf(row: SummaryRow): ImageSummary {
  return {
    id: row.id,
    contentHash: row.content_hash,
    width: row.width,
    height: row.height,
    createdAt: row.created_at,
    prompt: row.prompt,
    rating: row.rating,
    flag: row.flag === '' ? null : row.flag,
    label: row.label === '' ? null : row.label,
    tagCount: listOf(row.tags).length,
    hasNote: row.has_note === 1,
    format: row.format,
    source: row.source,
    url: assetAddress('image', row.id),
    thumbnailUrl: assetAddress('thumbnail', row.id),
    isSheet: row.is_sheet === 1,
  };
}

/** A column that holds a list with a line each. */
export function listOf(column: string): readonly string[] {
  return column === '' ? [] : column.split('\n');
}

/** A path of the database as the system's. */
export function systemPath(folder: string, picturePath: string): string {
  return path.join(folder, ...picturePath.split('/'));
}

/**
 * The id that a picture gets, the same whenever a library is made anew from its files.
 * @param contentHash SHA-256 of the file
 * @param copy 0 for the first file with that content, 1 for a copy of it, …
 * @returns a UUID of version 8 (RFC 9562, §5.8)
 */
export function imageIdOf(contentHash: string, copy: number): string {
  return imageIdOfContent(
    copy === 0 ? contentHash : createHash('sha256').update(`${contentHash}/${copy}`).digest('hex'),
  );
}
