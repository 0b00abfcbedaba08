/** Albums and smart albums: opened, made, renamed in place, removed with undo, filled by dropping pictures. */
import { Album as AlbumIcon, Pencil, Plus, Sparkles, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Album } from '../../../contract/albums.ts';
import { libraryLimits, type ImageQuery } from '../../../contract/images.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import { carriedPicture, carriesPicture } from '../create/picture-drag.ts';
import { useAlbums } from './facet-queries.ts';
import styles from './facets-panel.module.css';
import { useAlbumChanges } from './use-album-changes.ts';

interface AlbumListProps {
  readonly query: ImageQuery;
  /** The album whose name is being written. */
  readonly renaming: string | null;
  readonly onRename: (albumId: string | null) => void;
}

export function AlbumList({ query, renaming, onRename }: AlbumListProps) {
  const { gallerySelection } = useWindow();
  const albums = useAlbums() ?? [];
  const { create } = useAlbumChanges();
  const add = async () => {
    const chosen = [...gallerySelection.get().chosen];
    const id = await create({ name: freeName(albums), ids: chosen.length > 1 ? chosen : [] });
    if (id !== null) onRename(id);
  };
  return (
    <section className={styles.section}>
      <div className={styles.headRow}>
        <h3>Albums</h3>
        <IconButton
          icon={Plus}
          label="New album"
          tip="Makes an album; several chosen pictures go into it"
          onClick={() => void add()}
        />
      </div>
      <ul className={styles.list} aria-label="Albums">
        {albums.map((album) => (
          <AlbumRow
            key={album.id}
            album={album}
            isOpen={query.album === album.id}
            isRenaming={renaming === album.id}
            onRename={onRename}
          />
        ))}
        {albums.length === 0 && (
          <li className={styles.none}>Choose pictures and press + to put them together.</li>
        )}
      </ul>
    </section>
  );
}

interface AlbumRowProps {
  readonly album: Album;
  readonly isOpen: boolean;
  readonly isRenaming: boolean;
  readonly onRename: (albumId: string | null) => void;
}

function AlbumRow({ album, isOpen, isRenaming, onRename }: AlbumRowProps) {
  const { gallerySelection, library } = useWindow();
  const { add, remove, rename } = useAlbumChanges();
  const [isOver, setIsOver] = useState(false);
  const { id, name, kind, count } = album;
  const takes = kind === 'album';
  if (isRenaming) {
    return (
      <li>
        <NameField
          name={name}
          onDone={(next) => {
            onRename(null);
            if (next !== null && next !== name) void rename(album, next);
          }}
        />
      </li>
    );
  }
  return (
    <li
      className={styles.album}
      data-over={isOver ? '' : undefined}
      onDragOver={(event) => {
        if (!takes || !carriesPicture(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        const carried = takes ? carriedPicture(event.dataTransfer) : null;
        if (carried === null) return;
        event.preventDefault();
        const { chosen } = gallerySelection.get();
        void add(album, chosen.has(carried) ? [...chosen] : [carried]);
      }}
    >
      <button
        type="button"
        className={styles.row}
        aria-current={isOpen ? 'true' : undefined}
        aria-label={`${kind === 'smart' ? 'Smart album' : 'Album'} ${name}, ${count.toLocaleString('en')}`}
        data-tip={
          kind === 'smart'
            ? `Finds by itself: ${album.query ?? ''}`
            : 'Drop pictures here to put them into it'
        }
        onClick={() => library.show({ album: id, order: album.order })}
        onDoubleClick={() => onRename(id)}
        onKeyDown={(event) => {
          if (event.key === 'F2') onRename(id);
          else if (event.key === 'Delete') void remove(album);
          else return;
          event.preventDefault();
          event.stopPropagation();
          event.nativeEvent.stopImmediatePropagation();
        }}
      >
        {kind === 'smart' ? <Sparkles aria-hidden /> : <AlbumIcon aria-hidden />}
        <span>{name}</span>
        <span className={styles.count}>{count.toLocaleString('en')}</span>
      </button>
      <span className={styles.albumEnd}>
        <IconButton
          icon={Pencil}
          label={`Rename ${name}`}
          tip="Gives the album another name (F2)"
          onClick={() => onRename(id)}
        />
        <IconButton
          icon={Trash2}
          label={`Remove ${name}`}
          tip="Removes the album; its pictures stay (Del)"
          onClick={() => void remove(album)}
        />
      </span>
    </li>
  );
}

/** @param onDone is told the name, or null where it stays as it was */
function NameField({
  name,
  onDone,
}: {
  readonly name: string;
  readonly onDone: (name: string | null) => void;
}) {
  const [text, setText] = useState(name);
  const done = () => onDone(text.trim() === '' ? null : text.trim());
  return (
    <input
      className={styles.name}
      aria-label="Name of the album"
      autoFocus
      maxLength={libraryLimits.albumNameCharacters}
      value={text}
      onFocus={({ currentTarget }) => currentTarget.select()}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === 'Enter') done();
        else if (event.key === 'Escape') onDone(null);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}

function freeName(albums: readonly Album[]): string {
  const taken = new Set(albums.map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'New album' : `New album ${number}`;
    if (!taken.has(name)) return name;
  }
}
