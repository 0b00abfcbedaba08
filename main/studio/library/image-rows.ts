/** Rows of `images` and what the contract makes of them. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { imageIdOfContent } from '../../../contract/ids.ts';
import type { ImageSummary } from '../../../contract/images.ts';
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
  seq: z.number().int(),
  id: z.string(),
  content_hash: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  created_at: z.number().int(),
  prompt: z.string(),
  rating: z.number().int(),
  is_sheet: z.number().int(),
});
export type SummaryRow = z.infer<typeof SummaryRow>;

/** The columns of `SummaryRow`. A recipe that was damaged is no sheet. */
export const summaryColumns = `i.seq, i.id, i.content_hash, i.width, i.height, i.created_at, i.prompt, i.rating,
  CASE WHEN json_valid(i.recipe) THEN json_type(i.recipe, '$.sheet') IS 'object' ELSE 0 END AS is_sheet`;

export const PlaceRow = z.object({
  seq: z.number().int(),
  id: z.string(),
  content_hash: z.string(),
  path: PicturePath,
  restore_path: PicturePath.nullable(),
  trashed: z.number().int(),
});
export type PlaceRow = z.infer<typeof PlaceRow>;

export const placeColumns = 'seq, id, content_hash, path, restore_path, trashed';

export function summaryOf(row: SummaryRow): ImageSummary {
  return {
    id: row.id,
    contentHash: row.content_hash,
    width: row.width,
    height: row.height,
    createdAt: row.created_at,
    prompt: row.prompt,
    rating: row.rating,
    flag: null,
    label: null,
    tagCount: 0,
    hasNote: false,
    format: 'png',
    source: 'drawn',
    url: assetAddress('image', row.id),
    thumbnailUrl: assetAddress('thumbnail', row.id),
    isSheet: row.is_sheet === 1,
  };
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
