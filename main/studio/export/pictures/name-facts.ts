/** What names are made of, of one picture. */
import path from 'node:path';
import type { ExportSettings } from '../../../../contract/exports.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import type { NameFacts } from '../naming/tokens.ts';
import { endingOf, writtenFormat } from './formats.ts';
import { targetSize } from './target-size.ts';

export interface NamePlace {
  /** From 0. */
  readonly index: number;
  readonly exportedAt: number;
  /** The album that is exported; empty for none. */
  readonly album: string;
}

export function nameFactsOf(
  picture: ImageDetail,
  settings: Pick<ExportSettings, 'format' | 'size' | 'enlarge'>,
  { index, exportedAt, album }: NamePlace,
): NameFacts {
  const { recipe, understood } = picture;
  const { width, height } = targetSize(picture, settings.size, settings.enlarge);
  return {
    id: picture.id,
    contentHash: picture.contentHash,
    createdAt: picture.createdAt,
    exportedAt,
    model: recipe?.settings.modelId ?? understood?.modelName ?? '',
    seed: recipe?.settings.seed ?? understood?.seed ?? null,
    number: index + 1,
    prompt: recipe?.resolvedPrompt ?? picture.prompt,
    width,
    height,
    rating: picture.rating,
    sampler: recipe?.settings.scheduler ?? understood?.sampler ?? '',
    steps: recipe?.settings.steps ?? understood?.steps ?? null,
    album: album || (picture.albums[0]?.name ?? ''),
    tag: picture.tags[0] ?? '',
    fileName: path.parse(picture.fileName).name,
    format: endingOf(writtenFormat(settings.format, picture.format)).slice(1),
  };
}

/** The ending of the file that a picture becomes. */
export function exportedEnding(
  picture: Pick<ImageDetail, 'format'>,
  { format }: Pick<ExportSettings, 'format'>,
): string {
  return endingOf(writtenFormat(format, picture.format));
}
