/** What the library takes in of a picture's file. */
import { z } from 'zod';
import { RawText, Recipe, Understood } from '../../../contract/images.ts';
import { PictureFormat, ProgramName } from '../../../contract/picture-facts.ts';
import { readFileMetadata, withHiddenText, type FileMetadata } from './metadata/file-metadata.ts';
import { isCompletePng } from './metadata/png-chunks.ts';

/** Larger files are left alone: they are read as a whole, on the library's own thread. */
export const maxPictureBytes = 60_000_000;

export const PictureFile = z.object({
  format: PictureFormat,
  width: z.number().int(),
  height: z.number().int(),
  program: ProgramName.nullable(),
  recipe: Recipe.nullable(),
  parameters: z.string().nullable(),
  understood: Understood.nullable(),
  rawTexts: z.array(RawText),
  /** Milliseconds since 1970; null where the file does not tell. */
  createdAt: z.number().nullable(),
  problems: z.array(z.string()),
});
export type PictureFile = z.infer<typeof PictureFile>;

/**
 * @param hidden the text in its pixels, where one was found before
 * @returns null for what is no picture, or not all of one
 */
export function readPictureFile(bytes: Uint8Array, hidden?: RawText): PictureFile | null {
  const metadata = readFileMetadata(bytes);
  if (!metadata || !isWhole(metadata.format, bytes)) return null;
  const isHeld = hidden !== undefined && metadata.told === null;
  return pictureOf(
    isHeld ? withHiddenText(metadata, { place: hidden.where, text: hidden.text }) : metadata,
  );
}

/** @returns null where the file does not say how large the picture is */
export function pictureOf(metadata: FileMetadata): PictureFile | null {
  const { width, height, rawTexts, understood, recipe, ...rest } = metadata;
  if (width === null || height === null || width < 1 || height < 1) return null;
  return {
    format: rest.format,
    width,
    height,
    program: rest.program,
    recipe,
    parameters: rest.parameters,
    // A recipe says all of it, and better.
    understood: recipe || !understood ? null : { ...understood, loras: [...understood.loras] },
    // The recipe is kept as such.
    rawTexts: rawTexts
      .filter(({ place }) => place !== 'png:atelier')
      .map(({ place, text }) => ({ where: place, text })),
    createdAt: rest.createdAt,
    problems: [...rest.problems],
  };
}

/** What a program may leave behind the end of a picture. */
const trailingBytes = 65_536;

/** Whether a file ends where its format says: a copy that is still being written does not. */
export function isWhole(format: PictureFormat, bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (format) {
    case 'png':
      return isCompletePng(bytes);
    case 'jpeg': {
      const end = buffer.lastIndexOf('\u00ff\u00d9', undefined, 'latin1');
      return end >= Math.max(0, bytes.length - trailingBytes - 2);
    }
    case 'webp':
      return bytes.length >= 12 && buffer.readUInt32LE(4) + 8 <= bytes.length;
    case 'gif': {
      const end = bytes.findLastIndex((byte) => byte !== 0);
      return bytes[end] === 0x3b;
    }
    case 'avif':
      return hasWholeBoxes(buffer);
    case 'tiff':
      // Its parts may lie anywhere; that the directory could be read is all that can be said.
      return true;
    default:
      return format satisfies never;
  }
}

/** ISO/IEC 14496-12, §4.2: size (u32), type, and a size of 64 bits where the first is 1. */
function hasWholeBoxes(buffer: Buffer): boolean {
  let at = 0;
  while (at + 8 <= buffer.length) {
    let size = buffer.readUInt32BE(at);
    if (size === 0) return true;
    if (size === 1) {
      if (at + 16 > buffer.length) return false;
      size = Number(buffer.readBigUInt64BE(at + 8));
    }
    if (size < 8 || at + size > buffer.length) return false;
    at += size;
  }
  return at === buffer.length;
}
