/** Files of the same name beside an exported picture. They tell no more than the picture may. */
import type { ExportSettings } from '../../../../contract/exports.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import type { ToldMetadata } from '../metadata/told.ts';
import { parametersTextOf } from './tell.ts';

export interface Sidecar {
  /** With the dot. */
  readonly ending: string;
  readonly bytes: Uint8Array;
}

export interface ExportedAs {
  /** The picture's own name, without folders. */
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
}

export function sidecarsOf(
  picture: ImageDetail,
  { sidecars, caption, metadata }: ExportSettings,
  told: ToldMetadata,
  exported: ExportedAs,
): readonly Sidecar[] {
  return [...new Set(sidecars)].flatMap((kind): Sidecar[] => {
    switch (kind) {
      case 'txt':
        // A caption is asked for by itself: it is what a model is to be trained on.
        return [{ ending: '.txt', bytes: utf8(`${captionOf(picture, caption)}\n`) }];
      case 'xmp': {
        const packet = told.xmpWithRecipe ?? told.xmp;
        return packet === null ? [] : [{ ending: '.xmp', bytes: utf8(packet) }];
      }
      case 'json': {
        const content = metadata === 'full' ? { ...exported, ...everything(picture) } : exported;
        return [{ ending: '.json', bytes: utf8(`${JSON.stringify(content, null, 2)}\n`) }];
      }
      default:
        return kind satisfies never;
    }
  });
}

export function captionOf(
  picture: ImageDetail,
  caption: ExportSettings['caption'] | 'name' | 'none',
): string {
  switch (caption) {
    case 'prompt':
      return oneLine(picture.recipe?.resolvedPrompt ?? picture.prompt);
    case 'tags':
      return picture.tags.map(oneLine).join(', ');
    case 'note':
      return picture.note.trim();
    case 'name':
      return picture.fileName;
    case 'none':
      return '';
    default:
      return caption satisfies never;
  }
}

function everything(picture: ImageDetail) {
  const { recipe, understood } = picture;
  return {
    version: 1,
    contentHash: picture.contentHash,
    libraryName: picture.fileName,
    createdAt: new Date(picture.createdAt).toISOString(),
    prompt: recipe?.resolvedPrompt ?? picture.prompt,
    negativePrompt:
      recipe?.resolvedNegativePrompt ??
      recipe?.settings.negativePrompt ??
      understood?.negativePrompt ??
      '',
    rating: picture.rating,
    flag: picture.flag,
    label: picture.label,
    tags: picture.tags,
    note: picture.note,
    albums: picture.albums.map(({ name }) => name),
    program: picture.program,
    understood,
    parameters: parametersTextOf(picture),
    recipe,
    rawTexts: picture.rawTexts,
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
