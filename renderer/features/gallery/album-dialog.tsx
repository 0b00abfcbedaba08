/** Puts pictures into an album by keyboard: one that is there, or a new one. */
import type { ImageId } from '../../../contract/ids.ts';
import { AlbumName } from '../../../contract/albums.ts';
import { libraryLimits } from '../../../contract/images.ts';
import { useWindow } from '../../app/window-model.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { formatCount } from '../../ui/format.ts';
import { albumOffers, newAlbum } from './album-offers.ts';
import { useAlbums } from './facet-queries.ts';
import { OfferField } from './offer-field.tsx';
import styles from './tags.module.css';
import { useAlbumChanges } from './use-album-changes.ts';

interface AlbumDialogProps {
  /** In the order in which they come into the album. */
  readonly ids: readonly ImageId[];
  readonly onClose: () => void;
}

export function AlbumDialog({ ids, onClose }: AlbumDialogProps) {
  const { library } = useWindow();
  const albums = useAlbums() ?? [];
  const { add, create } = useAlbumChanges();
  const take = (key: string | null, typed: string) => {
    const name = AlbumName.safeParse(typed);
    const album = albums.find(({ id }) => id === key);
    if (album) void add(album, ids);
    else if (key === newAlbum && name.success) void create({ name: name.data, ids });
    else return false;
    onClose();
    return true;
  };
  return (
    <Dialog label="Put into an album" shape="top" onClose={onClose}>
      <div className={styles.dialog}>
        <h2>
          Put {ids.length === 1 ? 'the picture' : formatCount(ids.length, 'picture', 'pictures')}{' '}
          into an album
        </h2>
        <OfferField
          label="Name of an album, or a new one"
          listLabel="Albums"
          maxLength={libraryLimits.albumNameCharacters}
          isOpen
          offersFor={(typed) => albumOffers(typed, albums, library.state.get().query.album)}
          onTake={take}
          onLeave={onClose}
        />
      </div>
    </Dialog>
  );
}
