/** Identifiers that travel on the contract. */
import { z } from 'zod';

/** A job of the queue: a UUID made by the studio. */
export const JobId = z.uuid();
export type JobId = z.infer<typeof JobId>;

/** A picture of the library: a UUID; its content hash is a separate field, since content may repeat. */
export const ImageId = z.uuid();
export type ImageId = z.infer<typeof ImageId>;

/**
 * The first picture of the library with that content.
 * @param contentHash SHA-256 in lower-case hexadecimal
 * @returns a UUID of version 8 (RFC 9562, §5.8)
 */
export function imageIdOfContent(contentHash: string): ImageId {
  const variant = ((Number.parseInt(contentHash.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${contentHash.slice(0, 8)}-${contentHash.slice(8, 12)}-8${contentHash.slice(13, 16)}-${variant}${contentHash.slice(17, 20)}-${contentHash.slice(20, 32)}`;
}

/** @param ids u8 [n · 16], as `images.index` gives them @throws {RangeError} beyond their end */
export function imageIdAt(ids: Uint8Array, index: number): ImageId {
  const start = index * 16;
  if (index < 0 || start + 16 > ids.length) throw new RangeError(`There is no picture ${index}.`);
  // A hundred thousand of them are written when all pictures are chosen.
  let text = '';
  for (let at = 0; at < 16; at += 1) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += '-';
    text += hexOfByte[ids[start + at] ?? 0] ?? '';
  }
  return text;
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** An album of pictures: a UUID. */
export const AlbumId = z.uuid();
export type AlbumId = z.infer<typeof AlbumId>;

/** A change of the library that can be taken back while the studio runs: a UUID. */
export const ChangeId = z.uuid();
export type ChangeId = z.infer<typeof ChangeId>;

/** An installed model: the name of its folder, or the `id` in its `atelier.json`. */
export const ModelId = z.string().min(1).max(200);
export type ModelId = z.infer<typeof ModelId>;

/** SHA-256 in lower-case hexadecimal. */
export const ContentHash = z.string().regex(/^[0-9a-f]{64}$/);
export type ContentHash = z.infer<typeof ContentHash>;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const Timestamp = z.number().int().nonnegative();
export type Timestamp = z.infer<typeof Timestamp>;
