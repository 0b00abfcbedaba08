import { useRef, useState, type RefObject } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import { useWindow } from '../../app/window-model.ts';
import { carriedPicture, carriesPicture } from '../create/picture-drag.ts';
import { isInPlace, placeToPut } from './arrange.ts';
import { chosenInOrder, type GallerySelection } from './gallery-selection.ts';
import { gapAt, type Gap, type JustifiedLayout } from './justified-layout.ts';
import type { PictureIndex } from './picture-index.ts';

interface ArrangingOf {
  /** Whether an album is shown in an order of its own, by which its pictures can be put elsewhere. */
  readonly isPossible: boolean;
  readonly index: PictureIndex;
  readonly layout: JustifiedLayout;
  readonly selection: GallerySelection;
  /** Just before the pictures stand elsewhere. */
  readonly onMove: (how: 'dragged' | 'by key') => void;
}

interface Arranging {
  /** Lies behind the pictures, as large as all of them. */
  readonly rows: RefObject<HTMLDivElement | null>;
  /** Where a picture that is being dragged would go; null while none is. */
  readonly gap: Gap | null;
  readonly onDragOver: (event: React.DragEvent) => void;
  readonly onDragLeave: (event: React.DragEvent) => void;
  readonly onDrop: (event: React.DragEvent) => void;
  /** @returns whether the key is one that moves pictures */
  readonly onKey: (key: string) => boolean;
}

const movingKeys = /^(?:Arrow(?:Left|Right|Up|Down)|Home|End)$/;

/** Puts pictures of an album elsewhere, by dragging and by Alt and the arrow keys. */
export function useArranging(of: ArrangingOf): Arranging {
  const { isPossible, index, layout, selection, onMove } = of;
  const { library, toasts } = useWindow();
  const rows = useRef<HTMLDivElement>(null);
  const [gap, setGap] = useState<Gap | null>(null);

  const gapUnder = ({ clientX, clientY }: React.DragEvent) => {
    const { left = 0, top = 0 } = rows.current?.getBoundingClientRect() ?? {};
    return gapAt(layout, clientX - left, clientY - top);
  };
  const move = (ids: readonly ImageId[], place: number, how: 'dragged' | 'by key') => {
    const places = ids.map((id) => index.placeOf(id));
    if (isInPlace(places, place)) return;
    const moving = new Set(places);
    let before = place;
    while (moving.has(before)) before += 1;
    onMove(how);
    library.moveInAlbum(ids, index.idAt(before));
  };

  return {
    rows,
    gap,
    onDragOver(event) {
      if (!isPossible || !carriesPicture(event.dataTransfer)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'move';
      const next = gapUnder(event);
      setGap((now) => (now?.place === next?.place && now?.top === next?.top ? now : next));
    },
    onDragLeave({ currentTarget, relatedTarget }) {
      if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setGap(null);
    },
    onDrop(event) {
      setGap(null);
      const carried = isPossible ? carriedPicture(event.dataTransfer) : null;
      const at = gapUnder(event);
      if (carried === null || at === null) return;
      event.preventDefault();
      const isChosen = selection.chosen.has(carried);
      move(isChosen ? chosenInOrder(selection, index) : [carried], at.place, 'dragged');
    },
    onKey(key) {
      if (!movingKeys.test(key)) return false;
      const ids = chosenInOrder(selection, index);
      if (isPossible && ids.length > 0) {
        const place = placeToPut(
          key,
          layout,
          ids.map((id) => index.placeOf(id)),
        );
        if (place !== null) move(ids, place, 'by key');
      } else if (library.state.get().query.album !== null) {
        toasts.say('Pictures can be moved in an album that is ordered “As in the album”.');
      }
      return true;
    },
  };
}
