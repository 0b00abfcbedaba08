import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { ImageSummary } from '../../../contract/images.ts';
import { isTyping } from '../../app/use-shortcut.ts';
import { carryPicture } from '../create/picture-drag.ts';
import { chooseOne, extendTo, toggleOne, type GallerySelection } from './gallery-selection.ts';
import { SheetMark } from '../../ui/sheet-mark.tsx';
import styles from './gallery-screen.module.css';
import { justifiedLayout, rowOf, verticalNeighbour } from './justified-layout.ts';

interface GridProps {
  readonly items: readonly ImageSummary[];
  readonly total: number;
  readonly rowHeight: number;
  readonly selection: GallerySelection;
  readonly onSelect: (selection: GallerySelection) => void;
  readonly onView: () => void;
  readonly onRate: (rating: number) => void;
  readonly onReuse: () => void;
  readonly onRemove: () => void;
  /** Asks for pictures to be loaded up to this many. */
  readonly onNeed: (count: number) => void;
}

const gapPx = 6;
const rowsBeyondView = 4;

export function Grid(props: GridProps) {
  const {
    items,
    total,
    rowHeight,
    selection,
    onSelect,
    onView,
    onRate,
    onReuse,
    onRemove,
    onNeed,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => {
      const { paddingLeft, paddingRight } = getComputedStyle(element);
      setWidth(
        element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight),
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const rows = useMemo(
    () =>
      justifiedLayout(items, { width, rowHeight, gap: gapPx, placeholders: total - items.length }),
    [items, width, rowHeight, total],
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => rows[index]?.height ?? rowHeight,
    gap: gapPx,
    overscan: rowsBeyondView,
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rows]);
  const visible = virtualizer.getVirtualItems();
  const lastRow = rows[visible.at(-1)?.index ?? 0];
  const needed = lastRow ? lastRow.first + lastRow.count : 0;
  useEffect(() => {
    if (needed > items.length) onNeed(needed);
  }, [needed, items.length, onNeed]);

  // Whoever opens the gallery by keyboard triages at once, without a click or Tab first.
  useEffect(() => scroller.current?.focus({ preventScroll: true }), []);

  // Whoever opens the gallery by key goes on by key.
  useEffect(() => {
    if (document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
  }, []);

  const focusedIndex = items.findIndex(({ id }) => id === selection.focused);
  useEffect(() => {
    const row = rowOf(rows, focusedIndex);
    if (row >= 0) virtualizer.scrollToIndex(row, { align: 'auto' });
    // Only a new focus scrolls; a new layout keeps the place.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [selection.focused, virtualizer]);

  const moveTo = (index: number, extend: boolean) => {
    const item = items[Math.min(items.length - 1, Math.max(0, index))];
    if (!item) return;
    onSelect(
      extend
        ? extendTo(
            selection,
            item.id,
            items.map(({ id }) => id),
          )
        : chooseOne(item.id),
    );
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (isTyping(event.target) || event.altKey) return;
    const from = Math.max(0, focusedIndex);
    const mod = event.ctrlKey || event.metaKey;
    const move = (index: number) => moveTo(focusedIndex < 0 ? 0 : index, event.shiftKey);
    if (mod && event.key === 'a')
      onSelect({ ...selection, chosen: new Set(items.map(({ id }) => id)) });
    else if (mod) return;
    else if (event.key === 'ArrowRight') move(from + 1);
    else if (event.key === 'ArrowLeft') move(from - 1);
    else if (event.key === 'ArrowDown') move(verticalNeighbour(rows, from, 1, gapPx));
    else if (event.key === 'ArrowUp') move(verticalNeighbour(rows, from, -1, gapPx));
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(items.length - 1);
    else if (event.key === ' ' || event.key === 'Enter') onView();
    else if (/^[0-5]$/.test(event.key)) onRate(Number(event.key));
    else if (event.key === 'Delete' || event.key === 'Backspace') onRemove();
    else if (event.key === 'r') onReuse();
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label="Pictures"
      aria-multiselectable
      aria-activedescendant={focusedIndex >= 0 ? `picture-${selection.focused}` : undefined}
      tabIndex={0}
      className={styles.grid}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (focusedIndex < 0) moveTo(0, false);
      }}
    >
      <div
        className={styles.rows}
        role="presentation"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {visible.map(({ index: rowIndex, start }) => {
          const row = rows[rowIndex];
          if (!row) return null;
          let left = 0;
          return row.widths.map((cellWidth, place) => {
            const index = row.first + place;
            const item = items[index];
            const box = { left, top: start, width: cellWidth, height: row.height };
            left += cellWidth + gapPx;
            if (!item)
              return <div key={index} role="presentation" className={styles.cell} style={box} />;
            const { id } = item;
            return (
              <div
                key={id}
                id={`picture-${id}`}
                role="option"
                aria-selected={selection.chosen.has(id)}
                aria-label={`${item.isSheet ? 'Grid: ' : ''}${item.prompt || 'A picture without a prompt'}${item.rating > 0 ? `, ${item.rating} stars` : ''}`}
                aria-setsize={total}
                aria-posinset={index + 1}
                data-focused={id === selection.focused ? '' : undefined}
                className={styles.cell}
                style={box}
                onClick={(event) => {
                  if (event.shiftKey)
                    onSelect(
                      extendTo(
                        selection,
                        id,
                        items.map((other) => other.id),
                      ),
                    );
                  else if (event.ctrlKey || event.metaKey) onSelect(toggleOne(selection, id));
                  else onSelect(chooseOne(id));
                }}
                onDoubleClick={onView}
                draggable
                onDragStart={(event) => carryPicture(event.dataTransfer, id)}
              >
                <img
                  src={item.thumbnailUrl}
                  alt=""
                  loading="lazy"
                  decoding="async"
                  draggable={false}
                />
                {item.isSheet && <SheetMark />}
                {item.rating > 0 && (
                  <span className={styles.rating} aria-hidden>
                    {'★'.repeat(item.rating)}
                  </span>
                )}
              </div>
            );
          });
        })}
      </div>
    </div>
  );
}
