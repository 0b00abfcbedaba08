/**
 * Puts what a picture tells into its encoded file, after the last encoder: re-encoding would drop or spoil it.
 */
import type { PictureFormat } from '../../../../contract/picture-facts.ts';
import { tellInAvif } from './avif-file.ts';
import { retellJpeg } from './jpeg-file.ts';
import { retellPng } from './png-file.ts';
import { tellInTiff } from './tiff-file.ts';
import type { ToldMetadata } from './told.ts';
import { retellWebp } from './webp-file.ts';

/** Formats whose own files can be told anew without being encoded anew. */
export type RetoldFormat = Extract<PictureFormat, 'png' | 'jpeg' | 'webp'>;

export function isRetold(format: PictureFormat): format is RetoldFormat {
  return format === 'png' || format === 'jpeg' || format === 'webp';
}

/**
 * @param encoded from sharp, or a file of a format that is retold
 * @param keepsProfile whether a colour profile in it stays
 * @returns the final bytes: nothing but the picture and what is told
 * @throws {RangeError} where the file is damaged; {StudioError} `too-large`
 */
export function retell(
  encoded: Uint8Array,
  format: Exclude<PictureFormat, 'gif'>,
  told: ToldMetadata,
  keepsProfile: boolean,
): Uint8Array {
  switch (format) {
    case 'png':
      return retellPng(encoded, told, keepsProfile);
    case 'jpeg':
      return retellJpeg(encoded, told, keepsProfile);
    case 'webp':
      return retellWebp(encoded, told, keepsProfile);
    case 'avif':
      return tellInAvif(encoded, told);
    case 'tiff':
      return tellInTiff(encoded, told);
    default:
      return format satisfies never;
  }
}
