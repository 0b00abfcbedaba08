/** What opens over the gallery: one thing at a time. */
import { useMemo } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { MarkChange } from '../../../contract/images.ts';
import { useImage } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { CompareDialog } from '../compare/compare-dialog.tsx';
import { CompareMany } from '../compare/compare-many.tsx';
import type { Comparison } from '../compare/comparison.ts';
import { LineageDialog } from '../lineage/lineage-dialog.tsx';
import { DuplicatesDialog } from './duplicates-dialog.tsx';
import { chooseOne, type GallerySelection } from './gallery-selection.ts';
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
  | { readonly kind: 'compare'; readonly ids: readonly ImageId[] }
  /** One picture over what it was drawn from. */
  | { readonly kind: 'source'; readonly comparison: Comparison }
  | { readonly kind: 'lineage'; readonly id: ImageId };

interface GalleryOverlaysProps {
  readonly overlay: GalleryOverlay;
  readonly index: PictureIndex;
  readonly selection: GallerySelection;
  readonly onMark: (ids: readonly ImageId[], change: MarkChange) => void;
  /** Moves the chosen pictures to the trash, or out of it. */
  readonly onRemove: () => void;
  readonly onOverlay: (overlay: GalleryOverlay | null) => void;
}

export function GalleryOverlays(props: GalleryOverlaysProps) {
  const { overlay, index, selection, onMark, onRemove, onOverlay } = props;
  const { gallerySelection, showInGallery } = useWindow();
  const { focused } = selection;
  const chosen = useMemo(() => [...selection.chosen], [selection.chosen]);
  const close = () => onOverlay(null);
  const looked = useImage(overlay.kind === 'viewer' ? focused : null).data;
  const note = useImage(overlay.kind === 'note' && chosen.length === 1 ? focused : null);
  switch (overlay.kind) {
    case 'viewer':
      return focused === null ? null : (
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
          onRemove={() => {
            if (index.count <= 1) close();
            onRemove();
          }}
          onClose={close}
        />
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
      return <TagDialog ids={chosen} onMark={(change) => onMark(chosen, change)} onClose={close} />;
    case 'note':
      return chosen.length === 1 && note.isPending ? null : (
        <NoteDialog
          ids={chosen}
          note={note.data?.note ?? ''}
          onMark={(change) => onMark(chosen, change)}
          onClose={close}
        />
      );
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
