/** What the library takes in of a picture's file. */
import type { RawText, Recipe, Understood } from '../../../contract/images.ts';
import type { PictureFormat, ProgramName } from '../../../contract/picture-facts.ts';
import { readPictureMetadata } from './metadata/picture-metadata.ts';
import { isCompletePng } from './metadata/png-chunks.ts';

/** Larger files are left alone: they are read as a whole, on the library's own thread. */
export const maxPictureBytes = 60_000_000;

export interface PictureFile {
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  readonly program: ProgramName | null;
  readonly recipe: Recipe | null;
  readonly parameters: string | null;
  readonly understood: Understood | null;
  readonly rawTexts: readonly RawText[];
  /** Milliseconds since 1970; null where the file does not tell. */
  readonly createdAt: number | null;
  readonly problems: readonly string[];
}

/** @returns null for what is no picture, or not all of one */
export function readPictureFile(bytes: Uint8Array): PictureFile | null {
  const metadata = isCompletePng(bytes) ? readPictureMetadata(bytes) : null;
  if (!metadata) return null;
  const { width, height, recipe, parameters } = metadata;
  return {
    format: 'png',
    width,
    height,
    program: recipe ? 'atelier' : parameters === null ? null : 'web-ui',
    recipe,
    parameters,
    understood: null,
    rawTexts: parameters === null ? [] : [{ where: 'png:parameters', text: parameters }],
    createdAt: recipe?.createdAt ?? null,
    problems: [],
  };
}
