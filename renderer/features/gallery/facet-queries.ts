/** What the gallery asks of the library besides its pictures. */
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import type { Album } from '../../../contract/albums.ts';
import {
  everyImage,
  type Facet,
  type FacetField,
  type ImageQuery,
} from '../../../contract/images.ts';
import type { TagUse } from '../../../contract/tags.ts';
import { useWindow } from '../../app/window-model.ts';

/** @param asked null asks for nothing; a null query for the whole library */
export function useFacets(
  asked: { readonly fields: readonly FacetField[]; readonly query: ImageQuery | null } | null,
): { readonly total: number; readonly facets: readonly Facet[] } | undefined {
  const { client } = useWindow();
  const query = asked?.query ?? everyImage;
  return useQuery({
    queryKey: ['images', 'facets', asked?.fields, query],
    queryFn:
      asked === null
        ? skipToken
        : ({ signal }) => client['images.facets']({ query, fields: [...asked.fields] }, { signal }),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  }).data;
}

export const albumsKey = ['images', 'albums'] as const;

export function useAlbums(): readonly Album[] | undefined {
  const { client } = useWindow();
  return useQuery({
    queryKey: albumsKey,
    queryFn: async ({ signal }) => (await client['albums.list']({}, { signal })).albums,
  }).data;
}

export function useTags(): readonly TagUse[] | undefined {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['images', 'tags'],
    queryFn: async ({ signal }) => (await client['tags.list']({}, { signal })).tags,
  }).data;
}
