/** What an exported file tells, whatever its format: the parts that each container puts in its own places. */

import { exifOf } from '../../library/metadata/exif-comment.ts';

export interface ToldMetadata {
  /** The A1111 text; null for none. */
  readonly parameters: string | null;
  /** The recipe as JSON; null for none. */
  readonly recipe: string | null;
  /** The XMP packet without the recipe; null for none. */
  readonly xmp: string | null;
  /** The XMP packet with the recipe, for formats that have no other place for it; null where there is none. */
  readonly xmpWithRecipe: string | null;
  /** Into EXIF's `Software`; null for none. */
  readonly software: string | null;
}

export const tellsNothing: ToldMetadata = {
  parameters: null,
  recipe: null,
  xmp: null,
  xmpWithRecipe: null,
  software: null,
};

/** @returns null where EXIF has nothing to tell */
export function exifBytesOf({ parameters, software }: ToldMetadata): Uint8Array | null {
  return parameters === null && software === null ? null : exifOf(parameters, software ?? '');
}
