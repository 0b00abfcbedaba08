/** Where an export gets its pictures from: the library's part of the contract. */
import { StudioError } from '../../../../contract/errors.ts';
import type { ExportSource } from '../../../../contract/exports.ts';
import { ImageQuery, type ImageDetail } from '../../../../contract/images.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import { packIds } from './packed-ids.ts';

export interface SourcePictures {
  /** u8 [n · 16], a UUID each, in the order of the export. */
  readonly ids: Uint8Array;
  /** The name of the album that was asked for; empty for none. */
  readonly album: string;
  /** What of a query was not understood. */
  readonly problems: readonly { readonly message: string; readonly remedy: string }[];
}

export interface PicturePorts {
  /** @throws {StudioError} `not-found` for an album that is gone */
  resolve(source: ExportSource, signal: AbortSignal): Promise<SourcePictures>;
  /** @throws {StudioError} `not-found` */
  get(id: string): Promise<ImageDetail>;
}

type Asked = Pick<StudioClient, 'images.index' | 'images.get' | 'albums.list'>;

export function createPicturePorts(client: Asked): PicturePorts {
  return {
    async resolve(source, signal) {
      if ('ids' in source) return { ids: packIds(source.ids), album: '', problems: [] };
      if ('query' in source) {
        const { ids, problems } = await client['images.index'](
          { query: ImageQuery.parse({ text: source.query, order: source.order }) },
          { signal },
        );
        return { ids, album: '', problems };
      }
      const { albums } = await client['albums.list']({}, { signal });
      const album = albums.find(({ id }) => id === source.album);
      if (!album)
        throw new StudioError('not-found', 'This album does not exist any more. Choose another.', {
          id: source.album,
        });
      const { ids } = await client['images.index'](
        { query: ImageQuery.parse({ album: album.id, order: album.order }) },
        { signal },
      );
      return { ids, album: album.name, problems: [] };
    },
    get: (id) => client['images.get']({ id }),
  };
}

/** Null where the library has no such picture. */
export async function findPicture(
  { get }: Pick<PicturePorts, 'get'>,
  id: string,
): Promise<ImageDetail | null> {
  try {
    return await get(id);
  } catch (error) {
    if (StudioError.from(error).code === 'not-found') return null;
    throw error;
  }
}
