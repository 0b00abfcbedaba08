/**
 * Albums and smart albums: opened, made, put in order, renamed in place, removed with undo, filled by
 * dropping pictures.
 */
import { Album as AlbumIcon, Pencil, Plus, Sparkles, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Album } from '../../../contract/albums.ts';
import { libraryLimits, type ImageQuery } from '../../../contract/images.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import { carriedAlbum, carriesAlbum, carryAlbum } from './album-drag.ts';
import { carriedPicture, carriesPicture } from '../create/picture-drag.ts';
import { useAlbums } from './facet-queries.ts';
import styles from './facets-panel.module.css';
import { chosenInOrder } from './gallery-selection.ts';
import { useAlbumChanges } from './use-album-changes.ts';

interface AlbumListProps {
  readonly query: ImageQuery;
  /** The album whose name is being written. */
  readonly renaming: string | null;
  readonly onRename: (albumId: string | null) => void;
}

export function AlbumList({ query, renaming, onRename }: AlbumListProps) {
  const { gallerySelection, library } = useWindow();
  const albums = useAlbums() ?? [];
  const { create, move } = useAlbumChanges();
  const add = async () => {
    const chosen = chosenInOrder(gallerySelection.get(), library.state.get().index);
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
        {albums.map((album, place) => (
          <AlbumRow
            key={album.id}
            album={album}
            isOpen={query.album === album.id}
            isRenaming={renaming === album.id}
            onRename={onRename}
            onTake={(carried, isBehind) => {
              const taken = albums.find(({ id }) => id === carried);
              const before = isBehind ? albums[place + 1] : album;
              if (taken && taken !== before && taken !== album) move(taken, before?.id ?? null);
            }}
            onStep={(step) => {
              if (albums[place + step])
                move(album, albums[step < 0 ? place - 1 : place + 2]?.id ?? null);
            }}
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
  /** Another album was dropped before this one, or behind it. */
  readonly onTake: (albumId: string, isBehind: boolean) => void;
  /** Moves it by one. */
  readonly onStep: (step: 1 | -1) => void;
}

/** What is held over an album, and where it would go. */
type Held = 'pictures' | 'before' | 'behind';

function AlbumRow({ album, isOpen, isRenaming, onRename, onTake, onStep }: AlbumRowProps) {
  const { gallerySelection, library } = useWindow();
  const { add, remove, rename } = useAlbumChanges();
  const [held, setHeld] = useState<Held | null>(null);
  const { id, name, kind, count } = album;
  const takes = kind === 'album';
  const heldOver = (event: React.DragEvent): Held | null => {
    if (carriesPicture(event.dataTransfer)) return takes ? 'pictures' : null;
    if (!carriesAlbum(event.dataTransfer)) return null;
    const { top, height } = event.currentTarget.getBoundingClientRect();
    return event.clientY < top + height / 2 ? 'before' : 'behind';
  };
  const takePictures = (transfer: DataTransfer) => {
    const carried = carriedPicture(transfer);
    if (carried === null) return;
    const selection = gallerySelection.get();
    const isChosen = selection.chosen.has(carried);
    void add(album, isChosen ? chosenInOrder(selection, library.state.get().index) : [carried]);
  };
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
      data-held={held ?? undefined}
      onDragOver={(event) => {
        const next = heldOver(event);
        if (next === null) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = next === 'pictures' ? 'copy' : 'move';
        setHeld(next);
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget)))
          setHeld(null);
      }}
      onDrop={(event) => {
        setHeld(null);
        const over = heldOver(event);
        if (over === null) return;
        event.preventDefault();
        if (over === 'pictures') takePictures(event.dataTransfer);
        else {
          const carried = carriedAlbum(event.dataTransfer);
          if (carried !== null) onTake(carried, over === 'behind');
        }
      }}
    >
      <button
        type="button"
        className={styles.row}
        data-album
        draggable
        onDragStart={(event) => carryAlbum(event.dataTransfer, id)}
        aria-current={isOpen ? 'true' : undefined}
        aria-label={`${kind === 'smart' ? 'Smart album' : 'Album'} ${name}, ${count.toLocaleString('en')}`}
        data-tip={
          kind === 'smart'
            ? `Finds by itself: ${album.query ?? ''} (Alt with ↑ or ↓ moves it)`
            : 'Drop pictures here to put them into it (Alt with ↑ or ↓ moves the album)'
        }
        onClick={() => library.show({ album: id, order: album.order })}
        onDoubleClick={() => onRename(id)}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
          if (step !== 0 && event.altKey) onStep(step);
          else if (step !== 0) focusRow(event.currentTarget, step);
          else if (event.key === 'F2') onRename(id);
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

function focusRow(from: HTMLElement, step: 1 | -1): void {
  const rows = [...(from.closest('ul')?.querySelectorAll<HTMLElement>('[data-album]') ?? [])];
  rows[rows.indexOf(from) + step]?.focus();
}

function freeName(albums: readonly Album[]): string {
  const taken = new Set(albums.map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'New album' : `New album ${number}`;
    if (!taken.has(name)) return name;
  }
}
