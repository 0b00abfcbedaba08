/**
 * How a picture came to be, in IPTC's words.
 *
 * A picture that a model drew from nothing, or from pictures that models drew, is `trainedAlgorithmicMedia`. Where a
 * photograph or another picture of people's making was worked into it, it is a composite. Of a picture that says
 * nothing of a model nothing is claimed.
 */
import { imageIdOfContent } from '../../../../contract/ids.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import {
  compositeWithTrainedAlgorithmicMedia,
  trainedAlgorithmicMedia,
} from '../../library/metadata/xmp.ts';

/** Longer chains of pictures made from pictures are not followed. */
const mostGenerations = 8;

/** @param find looks a picture up; null where the library has none */
export async function digitalSourceTypeOf(
  picture: ImageDetail,
  find: (id: string) => Promise<ImageDetail | null>,
): Promise<string | null> {
  if (!isSynthetic(picture)) return null;
  return (await hasHumanSource(picture, find, mostGenerations))
    ? compositeWithTrainedAlgorithmicMedia
    : trainedAlgorithmicMedia;
}

function isSynthetic({ recipe, program, understood }: ImageDetail): boolean {
  return recipe !== null || program !== null || understood !== null;
}

async function hasHumanSource(
  { recipe, rawTexts }: ImageDetail,
  find: (id: string) => Promise<ImageDetail | null>,
  generations: number,
): Promise<boolean> {
  // Another program may have said so.
  if (rawTexts.some(({ text }) => text.includes(compositeWithTrainedAlgorithmicMedia))) return true;
  const source = recipe?.settings.source;
  if (!source) return false;
  const from = await find(imageIdOfContent(source.picture));
  // What is not in the library may be anybody's work.
  if (!from || !isSynthetic(from)) return true;
  return generations > 0 && (await hasHumanSource(from, find, generations - 1));
}
