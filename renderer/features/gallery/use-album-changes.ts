import type { Album } from '../../../contract/albums.ts';
import type { ImageId } from '../../../contract/ids.ts';
import { useWindow } from '../../app/window-model.ts';
import { countOf } from './mark-sentences.ts';

interface AlbumChanges {
  /** @returns null if it failed, which was said then */
  create(album: { name: string; query?: string; ids?: readonly ImageId[] }): Promise<string | null>;
  rename(album: Album, name: string): Promise<boolean>;
  remove(album: Album): Promise<boolean>;
  add(album: Album, ids: readonly ImageId[]): Promise<boolean>;
  takeOut(album: Pick<Album, 'id' | 'name'>, ids: readonly ImageId[]): Promise<boolean>;
}

/** Changes of albums, each with its undo. */
export function useAlbumChanges(): AlbumChanges {
  const { client, library } = useWindow();
  return {
    async create({ name, query, ids = [] }) {
      let id: string | null = null;
      const kind = query === undefined ? ('album' as const) : ('smart' as const);
      await library.change(
        query === undefined ? 'Album made' : 'Search kept as an album',
        async () => {
          const made = await client['albums.create']({
            name,
            kind,
            query: query ?? null,
            ids: [...ids],
          });
          ({ id } = made);
          return made;
        },
      );
      return id;
    },
    rename: ({ id }, name) =>
      library.change(`Album renamed to ${name}`, () => client['albums.update']({ id, name })),
    async remove({ id, name }) {
      if (library.state.get().query.album === id) library.show({});
      return library.change(`Album ${name} removed`, () => client['albums.remove']({ id }));
    },
    add: ({ id, name }, ids) =>
      library.change(`${countOf(ids.length)} put into ${name}`, () =>
        client['albums.addImages']({ id, ids: [...ids] }),
      ),
    takeOut: ({ id, name }, ids) =>
      library.change(`${countOf(ids.length)} taken out of ${name}`, () =>
        client['albums.removeImages']({ id, ids: [...ids] }),
      ),
  };
}
