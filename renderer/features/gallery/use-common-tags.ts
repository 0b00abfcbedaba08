import type { ImageId } from '../../../contract/ids.ts';
import { useImages } from '../../app/queries.ts';

/** More pictures than this are not read one by one. */
const mostRead = 60;

export interface CommonTag {
  readonly name: string;
  /** False where only some of the pictures have it. */
  readonly isOfAll: boolean;
}

/** Tags of pictures; of very many the first ones speak for all. Undefined until they were read. */
export function useCommonTags(ids: readonly ImageId[]): readonly CommonTag[] | undefined {
  const images = useImages(ids.slice(0, mostRead));
  if (!images) return undefined;
  const known = images.filter((image) => image !== null);
  const names = new Set(known.flatMap(({ tags }) => tags));
  return [...names].toSorted().map((name) => ({
    name,
    isOfAll: known.length === ids.length && known.every(({ tags }) => tags.includes(name)),
  }));
}
