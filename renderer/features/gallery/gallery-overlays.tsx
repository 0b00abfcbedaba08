/** What opens over the gallery: one thing at a time. */
import { useMemo, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { MarkChange } from '../../../contract/images.ts';
import { useImage } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { CompareDialog } from '../compare/compare-dialog.tsx';
import { CompareMany } from '../compare/compare-many.tsx';
import type { Comparison } from '../compare/comparison.ts';
import { LineageDialog } from '../lineage/lineage-dialog.tsx';
import { AlbumDialog } from './album-dialog.tsx';
import { DuplicatesDialog } from './duplicates-dialog.tsx';
import { chooseOne, chosenInOrder, type GallerySelection } from './gallery-selection.ts';
import { NoteDialog, TagDialog } from './mark-dialogs.tsx';
import type { PictureIndex } from './picture-index.ts';
import { Slideshow } from './slideshow.tsx';
import { Viewer } from './viewer.tsx';

export type GalleryOverlay =
  | { readonly kind: 'viewer' }
  | { readonly kind: 'slideshow' }
  | { readonly kind: 'duplicates' }
  | { readonly kind: 'tag' }
  | { readonly kind: 'note' }
  | { readonly kind: 'album' }
  | { readonly kind: 'compare'; readonly ids: readonly ImageId[] }
  /** One picture over what it was drawn from. */
  | { readonly kind: 'source'; readonly comparison: Comparison }
  | { readonly kind: 'lineage'; readonly id: ImageId };

interface GalleryOverlaysProps {
  readonly overlay: GalleryOverlay;
  readonly index: PictureIndex;
  readonly selection: GallerySelection;
  /** Whether the trash is shown, where nothing is marked. */
  readonly trashed: boolean;
  readonly onMark: (ids: readonly ImageId[], change: MarkChange) => void;
  /** Moves the chosen pictures to the trash, or out of it. */
  readonly onRemove: () => void;
  readonly onOverlay: (overlay: GalleryOverlay | null) => void;
}

export function GalleryOverlays(props: GalleryOverlaysProps) {
  const { overlay, index, selection, trashed, onMark, onRemove, onOverlay } = props;
  const { galleryExtensions, gallerySelection, showInGallery } = useWindow();
  const { focused } = selection;
  const chosen = useMemo(() => chosenInOrder(selection, index), [selection, index]);
  const close = () => onOverlay(null);
  const dialogOf = (
    kind: 'tag' | 'note' | 'album',
    ids: readonly ImageId[],
    onClose: () => void,
  ) => {
    const mark = (change: MarkChange) => onMark(ids, change);
    switch (kind) {
      case 'tag':
        return <TagDialog ids={ids} onMark={mark} onClose={onClose} />;
      case 'note':
        return ids.length === 1 && note.isPending ? null : (
          <NoteDialog ids={ids} note={note.data?.note ?? ''} onMark={mark} onClose={onClose} />
        );
      case 'album':
        return <AlbumDialog ids={ids} onClose={onClose} />;
      default:
        return kind satisfies never;
    }
  };
  /** What opened over the viewer, for its picture. */
  const [over, setOver] = useState<'tag' | 'note' | 'album' | null>(null);
  const looked = useImage(overlay.kind === 'viewer' ? focused : null).data;
  const noted = overlay.kind === 'note' || over === 'note';
  const note = useImage(noted && (over !== null || chosen.length === 1) ? focused : null);
  switch (overlay.kind) {
    case 'viewer':
      return focused === null ? null : (
        <>
          <Viewer
            index={index}
            id={focused}
            onMove={(id) => gallerySelection.set(chooseOne(id))}
            onMark={(change) => onMark([focused], change)}
            onCompare={() => {
              const hash = looked?.id === focused ? looked.recipe?.settings.source?.picture : null;
              const place = index.placeOf(focused);
              const beside = index.idAt(place + 1) ?? index.idAt(place - 1);
              if (hash)
                onOverlay({
                  kind: 'source',
                  comparison: { after: focused, before: { kind: 'source', hash } },
                });
              else if (beside !== null) onOverlay({ kind: 'compare', ids: [focused, beside] });
            }}
            onOver={trashed ? null : setOver}
            onExport={
              trashed
                ? null
                : () => galleryExtensions.exportPictures({ kind: 'chosen', ids: [focused] })
            }
            onRemove={() => {
              if (index.count <= 1) close();
              onRemove();
            }}
            onClose={close}
          />
          {over && dialogOf(over, [focused], () => setOver(null))}
        </>
      );
    case 'slideshow':
      return (
        <Slideshow
          index={index}
          startId={focused}
          onMark={(id, change) => onMark([id], change)}
          onClose={(id) => {
            if (id !== null) gallerySelection.set(chooseOne(id));
            close();
          }}
        />
      );
    case 'duplicates':
      return <DuplicatesDialog onClose={close} />;
    case 'tag':
    case 'note':
    case 'album':
      return dialogOf(overlay.kind, chosen, close);
    case 'compare':
      return <CompareMany ids={overlay.ids} onClose={close} />;
    case 'source':
      return (
        <CompareDialog
          comparison={overlay.comparison}
          onClose={() => onOverlay({ kind: 'viewer' })}
        />
      );
    case 'lineage':
      return (
        <LineageDialog
          id={overlay.id}
          onOpen={(id) => {
            close();
            showInGallery(id);
          }}
          onClose={close}
        />
      );
    default:
      return overlay satisfies never;
  }
}
