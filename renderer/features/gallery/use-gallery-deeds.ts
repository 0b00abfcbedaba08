import type { Album } from '../../../contract/albums.ts';
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageQuery, MarkChange } from '../../../contract/images.ts';
import { useWindow } from '../../app/window-model.ts';
import { useReuse } from '../create/use-reuse.ts';
import type { GalleryDeeds } from './gallery-actions.ts';
import type { GalleryOverlay } from './gallery-overlays.tsx';
import { chosenInOrder, type GallerySelection } from './gallery-selection.ts';
import type { PictureIndex } from './picture-index.ts';
import { useAlbumChanges } from './use-album-changes.ts';

interface DeedsOf {
  readonly chosen: readonly ImageId[];
  readonly selection: GallerySelection;
  readonly query: ImageQuery;
  /** The one that is shown. */
  readonly album: Album | null;
  readonly index: PictureIndex;
  readonly mark: (ids: readonly ImageId[], change: MarkChange) => void;
  readonly setOverlay: (overlay: GalleryOverlay) => void;
  readonly setRenaming: (albumId: string) => void;
}

interface Deeds extends GalleryDeeds {
  /** The chosen ones, else all that are shown; null in the trash. */
  readonly exportAll: (() => void) | null;
  readonly removeOrRestore: () => void;
  readonly rename: (albumId: string) => void;
}

/** Pictures that fit side by side. */
export const mostCompared = 4;

export function useGalleryDeeds(of: DeedsOf): Deeds {
  const { chosen, selection, query, album, index, mark, setOverlay, setRenaming } = of;
  const { galleryExtensions, library } = useWindow();
  const { reuse } = useReuse();
  const { create, takeOut } = useAlbumChanges();
  const { focused } = selection;
  const { trashed } = query;
  const has = chosen.length > 0;
  const canMark = has && !trashed;

  /** One picture alone is compared with the one beside it. */
  const compared = (): readonly ImageId[] => {
    if (chosen.length > 1) return chosenInOrder(selection, index);
    const place = focused === null ? -1 : index.placeOf(focused);
    const beside = index.idAt(place + 1) ?? index.idAt(place - 1);
    return focused !== null && beside !== null ? [focused, beside] : [];
  };
  const canCompare = has && chosen.length <= mostCompared && index.count > 1;
  const remove = () => library.trash(chosen);
  const restore = () => library.restore(chosen);
  const exportAll = () =>
    galleryExtensions.exportPictures(
      chosen.length > 0 ? { kind: 'chosen', ids: chosen } : { kind: 'query', query },
    );

  return {
    view: has ? () => setOverlay({ kind: 'viewer' }) : null,
    compare: canCompare ? () => setOverlay({ kind: 'compare', ids: compared() }) : null,
    slideshow: index.count > 0 ? () => setOverlay({ kind: 'slideshow' }) : null,
    lineage: focused === null ? null : () => setOverlay({ kind: 'lineage', id: focused }),
    similar:
      focused === null || trashed ? null : () => library.show({ like: focused, order: 'similar' }),
    pick: canMark ? () => mark(chosen, { flag: 'pick' }) : null,
    reject: canMark ? () => mark(chosen, { flag: 'reject' }) : null,
    unflag: canMark ? () => mark(chosen, { flag: null }) : null,
    tag: canMark ? () => setOverlay({ kind: 'tag' }) : null,
    note: canMark ? () => setOverlay({ kind: 'note' }) : null,
    reuse: focused === null || trashed ? null : () => void reuse(focused, 'all'),
    export: has && !trashed ? exportAll : null,
    putIntoAlbum: canMark ? () => setOverlay({ kind: 'album' }) : null,
    newAlbum: canMark
      ? () =>
          void create({ name: 'New album', ids: chosenInOrder(selection, index) }).then((id) => {
            if (id !== null) setRenaming(id);
          })
      : null,
    takeOut: canMark && album?.kind === 'album' ? () => void takeOut(album, chosen) : null,
    remove: canMark ? remove : null,
    restore: has && trashed ? restore : null,
    exportAll: trashed ? null : exportAll,
    removeOrRestore: () => {
      if (has) (trashed ? restore : remove)();
    },
    rename: setRenaming,
  };
}
