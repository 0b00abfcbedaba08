import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import { useWindow } from '../../app/window-model.ts';
import type { CommonMarks } from './marks-editor.tsx';

export interface CommonTag {
  readonly name: string;
  /** Pictures that have it. */
  readonly count: number;
  /** False where only some of the pictures have it. */
  readonly isOfAll: boolean;
}

interface InCommon {
  readonly marks: CommonMarks;
  /** Those that all have first, then the most frequent. */
  readonly tags: readonly CommonTag[];
}

/** More pictures than this are known by their array: their ids would be a long key. */
const mostInKey = 60;

/**
 * Marks and tags of any number of pictures. Undefined until they were read.
 * @param ids of many, the same array for as long as they are the same
 */
export function useInCommon(ids: readonly ImageId[]): InCommon | undefined {
  const { client } = useWindow();
  const key = useMemo(() => (ids.length > mostInKey ? crypto.randomUUID() : ids.join(' ')), [ids]);
  const common = useQuery({
    queryKey: ['images', 'in-common', key],
    queryFn: ({ signal }) => client['images.inCommon']({ ids: [...ids] }, { signal }),
    placeholderData: keepPreviousData,
    gcTime: 0,
    enabled: ids.length > 0,
  }).data;
  return useMemo(() => {
    if (!common) return undefined;
    const { count: total, ratings, flags, labels, tags } = common;
    const single = <T>(values: readonly T[]) => (values.length === 1 ? values[0] : undefined);
    return {
      marks: { rating: single(ratings), flag: single(flags), label: single(labels) },
      tags: tags
        .map(({ name, count }) => ({ name, count, isOfAll: count === total }))
        .toSorted((a, b) => b.count - a.count),
    };
  }, [common]);
}
