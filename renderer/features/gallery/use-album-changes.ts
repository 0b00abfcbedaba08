import type { Album } from '../../../contract/albums.ts';
import type { AlbumId, ImageId } from '../../../contract/ids.ts';
import type { ImageOrder } from '../../../contract/images.ts';
import { useWindow } from '../../app/window-model.ts';
import { albumsKey } from './facet-queries.ts';
import { countOf } from './mark-sentences.ts';

interface AlbumChanges {
  /** @returns null if it failed, which was said then */
  create(album: { name: string; query?: string; ids?: readonly ImageId[] }): Promise<string | null>;
  /** Keeps in which order its pictures are shown. */
  setOrder(album: Album, order: ImageOrder): Promise<boolean>;
  /** Puts it before another of the list, or at its end. */
  move(album: Album, before: AlbumId | null): void;
  rename(album: Album, name: string): Promise<boolean>;
  remove(album: Album): Promise<boolean>;
  add(album: Album, ids: readonly ImageId[]): Promise<boolean>;
  takeOut(album: Pick<Album, 'id' | 'name'>, ids: readonly ImageId[]): Promise<boolean>;
}

/** Changes of albums, each with its undo. */
export function useAlbumChanges(): AlbumChanges {
  const { client, library, queries } = useWindow();
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
    setOrder: ({ id, name }, order) =>
      library.quietChange(`Order of ${name} changed`, () => client['albums.update']({ id, order })),
    move(album, before) {
      const { id, name } = album;
      void queries.cancelQueries({ queryKey: albumsKey });
      // Shown at once: who presses the key again counts on it.
      queries.setQueryData<readonly Album[]>(albumsKey, (albums = []) => {
        const others = albums.filter((other) => other.id !== id);
        const at = others.findIndex((other) => other.id === before);
        return others.toSpliced(at < 0 ? others.length : at, 0, album);
      });
      void library
        .quietChange(`Album ${name} moved`, () => client['albums.move']({ id, before }))
        .then(() => queries.invalidateQueries({ queryKey: albumsKey }));
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
