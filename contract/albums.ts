/** Albums: pictures put together by hand, and searches that are kept. */
import { z } from 'zod';
import { AlbumId, ImageId } from './ids.ts';
import { Changed, ImageIds, ImageOrder, SearchText, libraryLimits } from './images.ts';
import { call } from './rpc.ts';

export const albumKinds = ['album', 'smart'] as const;

export const AlbumName = z
  .string()
  .transform((text) => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim())
  .refine((text) => text !== '', 'An album needs a name.')
  .refine(
    (text) => text.length <= libraryLimits.albumNameCharacters,
    `The name of an album can be at most ${libraryLimits.albumNameCharacters} characters long.`,
  );

export const Album = z.object({
  id: AlbumId,
  name: z.string(),
  kind: z.enum(albumKinds),
  /** What a smart album searches for; null for the others. */
  query: z.string().nullable(),
  /** In which order its pictures are shown. */
  order: ImageOrder,
  /** Pictures outside the trash. */
  count: z.number().int(),
  /** The first picture that it shows. */
  cover: ImageId.nullable(),
});
export type Album = z.infer<typeof Album>;

export const albumsContract = {
  /** As they were put; those that never were follow by their name. */
  'albums.list': call(z.object({}), z.object({ albums: z.array(Album) })),
  'albums.create': call(
    z
      .object({
        name: AlbumName,
        kind: z.enum(albumKinds).default('album'),
        query: SearchText.nullable().default(null),
        order: ImageOrder.optional(),
        /** Pictures that it starts with; a smart album has none. */
        ids: z.array(ImageId).max(libraryLimits.ids).default([]),
      })
      .refine(
        ({ kind, query }) => (kind === 'smart') === (query !== null),
        'A smart album needs a search, and only a smart album can have one.',
      )
      .refine(
        ({ kind, ids }) => kind === 'album' || ids.length === 0,
        'A smart album finds its pictures by itself.',
      ),
    Changed.extend({ id: AlbumId }),
  ),
  /** @throws {StudioError} `not-found`, `bad-request` for the search of an album that has none */
  'albums.update': call(
    z.object({
      id: AlbumId,
      name: AlbumName.optional(),
      query: SearchText.optional(),
      order: ImageOrder.optional(),
    }),
    Changed,
  ),
  /** Its pictures stay in the library. */
  'albums.remove': call(z.object({ id: AlbumId }), Changed),
  /** Before another album of the list, or to its end. @throws {StudioError} `not-found` */
  'albums.move': call(z.object({ id: AlbumId, before: AlbumId.nullable() }), Changed),
  /** At its end; those that are in it already stay where they are. */
  'albums.addImages': call(z.object({ id: AlbumId, ids: ImageIds }), Changed),
  /**
   * Before another picture of it, or to its end, in the order given; those that are not in it are
   * left out.
   */
  'albums.moveImages': call(
    z.object({ id: AlbumId, ids: ImageIds, before: ImageId.nullable() }),
    Changed,
  ),
  'albums.removeImages': call(z.object({ id: AlbumId, ids: ImageIds }), Changed),
} as const;
