import { skipToken, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ImageId } from '../../../contract/ids.ts';
import type { Lineage } from '../../../contract/images.ts';
import { useWindow } from '../../app/window-model.ts';

/** What a picture came from and what came from it. @param depth generations in both directions */
export function useLineage(id: ImageId | null, depth: number): UseQueryResult<Lineage> {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['images', 'lineage', id, depth],
    queryFn:
      id === null ? skipToken : ({ signal }) => client['images.lineage']({ id, depth }, { signal }),
  });
}
