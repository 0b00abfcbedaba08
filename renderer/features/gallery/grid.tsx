/** All pictures of a query, laid out exactly, drawn where someone looks. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageQuery } from '../../../contract/images.ts';
import { isTyping } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { carryPicture } from '../create/picture-drag.ts';
import {
  chooseAll,
  chooseOne,
  extendTo,
  toggleOne,
  type GallerySelection,
} from './gallery-selection.ts';
import styles from './grid.module.css';
import { layoutHeight, pageNeighbour, rowBoxes, verticalNeighbour } from './justified-layout.ts';
import { PictureCell } from './picture-cell.tsx';
import type { PictureIndex } from './picture-index.ts';
import { useArranging } from './use-arranging.ts';
import { useGridView } from './use-grid-view.ts';

interface GridProps {
  readonly query: ImageQuery;
  readonly index: PictureIndex;
  readonly rowHeight: number;
  readonly selection: GallerySelection;
  /** Whether its pictures can be put elsewhere. */
  readonly canArrange: boolean;
  readonly onSelect: (selection: GallerySelection) => void;
  readonly onView: () => void;
  /** Opens the menu of the chosen pictures at a point of the window. */
  readonly onMenu: (at: { readonly x: number; readonly y: number }) => void;
}

export function Grid(props: GridProps) {
  const { query, index, rowHeight, selection, canArrange, onSelect, onView, onMenu } = props;
  const { library, galleryExtensions } = useWindow();
  const [isOver, setIsOver] = useState(false);
  const view = useGridView(index, rowHeight, library.summaries);
  const { layout, scroller, showPlace } = view;
  const isMovedByKey = useRef(false);
  const arranging = useArranging({
    isPossible: canArrange,
    index,
    layout,
    selection,
    onMove(how) {
      view.stayStill();
      isMovedByKey.current = how === 'by key';
    },
  });

  // Whoever opens the gallery by key goes on by key.
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.closest('nav'))
      scroller.current?.focus({ preventScroll: true });
  }, [scroller]);

  const focusedPlace = selection.focused === null ? -1 : index.placeOf(selection.focused);
  useEffect(() => {
    if (focusedPlace >= 0) showPlace(focusedPlace);
    // Only a new focus scrolls; a new layout keeps the place.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [selection.focused]);

  // What another query finds is looked at from its beginning, or where the keyboard is.
  const shownQuery = useRef(query);
  useLayoutEffect(() => {
    if (shownQuery.current === query) return;
    shownQuery.current = query;
    if (focusedPlace >= 0) showPlace(focusedPlace);
    else scroller.current?.scrollTo({ top: 0 });
    // The pictures come a moment after their query.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [index]);

  // The keyboard's picture stays in view where it goes.
  useLayoutEffect(() => {
    if (isMovedByKey.current && focusedPlace >= 0) showPlace(focusedPlace);
    isMovedByKey.current = false;
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [index]);

  const moveTo = (place: number, extend: boolean) => {
    const id = index.idAt(Math.min(index.count - 1, Math.max(0, place)));
    if (id !== null) onSelect(extend ? extendTo(selection, id, index) : chooseOne(id));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (isTyping(event.target)) return;
    if (event.altKey) {
      if (arranging.onKey(event.key)) event.preventDefault();
      return;
    }
    const mod = event.ctrlKey || event.metaKey;
    const page = scroller.current?.clientHeight ?? 0;
    const next = mod ? null : placeAfterKey(event.key, Math.max(0, focusedPlace), page);
    if (mod && event.key === 'a') onSelect(chooseAll(selection, index));
    else if (next !== null) moveTo(focusedPlace < 0 ? 0 : next, event.shiftKey);
    else if (mod) return;
    else if (event.key === ' ' || event.key === 'Enter') onView();
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) menuByKey();
    else if (event.key === 'Escape' && query.like !== null) library.show({});
    else if (event.key === 'Escape' && selection.chosen.size > 1 && selection.focused !== null)
      onSelect(chooseOne(selection.focused));
    else return;
    event.preventDefault();
  };
  function placeAfterKey(key: string, from: number, page: number): number | null {
    switch (key) {
      case 'ArrowRight':
        return from + 1;
      case 'ArrowLeft':
        return from - 1;
      case 'ArrowDown':
        return verticalNeighbour(layout, from, 1);
      case 'ArrowUp':
        return verticalNeighbour(layout, from, -1);
      case 'PageDown':
        return pageNeighbour(layout, from, page);
      case 'PageUp':
        return pageNeighbour(layout, from, -page);
      case 'Home':
        return 0;
      case 'End':
        return index.count - 1;
      default:
        return null;
    }
  }
  function menuByKey(): void {
    const cell = document.getElementById(`picture-${selection.focused}`);
    if (!cell) return;
    const { left, top, width, height } = cell.getBoundingClientRect();
    onMenu({ x: left + Math.min(40, width / 2), y: top + Math.min(40, height / 2) });
  }
  const choose = (event: React.MouseEvent) => {
    const id = index.idAt(placeUnder(event.target));
    if (id === null) return;
    if (event.shiftKey) onSelect(extendTo(selection, id, index));
    else if (event.ctrlKey || event.metaKey) onSelect(toggleOne(selection, id));
    else onSelect(chooseOne(id));
  };

  const rows = Array.from({ length: Math.max(0, view.to - view.from) }, (_, at) => view.from + at);
  const isDrawn = focusedPlace >= 0 && isWithin(focusedPlace, layout.firsts, view);
  return (
    <div
      className={styles.place}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        galleryExtensions.importFiles(event.dataTransfer);
      }}
    >
      <div
        ref={scroller}
        role="listbox"
        aria-label="Pictures"
        aria-multiselectable
        aria-activedescendant={isDrawn ? `picture-${selection.focused}` : undefined}
        tabIndex={0}
        className={styles.grid}
        onScroll={view.onScroll}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (focusedPlace < 0) moveTo(0, false);
        }}
        onClick={choose}
        onDoubleClick={(event) => placeUnder(event.target) >= 0 && onView()}
        onContextMenu={(event) => {
          const id = index.idAt(placeUnder(event.target));
          if (id === null) return;
          event.preventDefault();
          if (!selection.chosen.has(id)) onSelect(chooseOne(id));
          onMenu({ x: event.clientX, y: event.clientY });
        }}
        onDragOver={arranging.onDragOver}
        onDragLeave={arranging.onDragLeave}
        onDrop={arranging.onDrop}
        onDragStart={(event) => {
          const id = index.idAt(placeUnder(event.target));
          if (id === null) return;
          if (!selection.chosen.has(id)) onSelect(chooseOne(id));
          carryPicture(event.dataTransfer, id);
        }}
      >
        <div
          ref={arranging.rows}
          className={styles.rows}
          role="presentation"
          style={{ height: layoutHeight(layout) }}
        >
          {rows.flatMap((row) => {
            const first = layout.firsts[row] ?? 0;
            return rowBoxes(layout, row).map((box, at) => {
              const id: ImageId | null = index.idAt(first + at);
              return (
                id !== null && (
                  <PictureCell
                    key={id}
                    id={id}
                    place={first + at}
                    total={index.count}
                    colour={index.colourAt(first + at)}
                    {...box}
                    isChosen={selection.chosen.has(id)}
                    isFocused={id === selection.focused}
                    isRushed={view.isRushed}
                  />
                )
              );
            });
          })}
          {arranging.gap && (
            <div
              className={styles.gap}
              style={{
                transform: `translate(${arranging.gap.left}px, ${arranging.gap.top}px)`,
                height: arranging.gap.height,
              }}
            />
          )}
        </div>
      </div>
      {isOver && <div className={styles.drop}>Drop to bring them into the library</div>}
    </div>
  );
}

/** @returns −1 beside the pictures */
function placeUnder(target: EventTarget): number {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-place]') : null;
  return Number(cell?.dataset['place'] ?? -1);
}

function isWithin(
  place: number,
  firsts: Uint32Array,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  return place >= (firsts[from] ?? 0) && place < (firsts[to] ?? 0);
}
