/**
 * Which rows of the grid are drawn, and what is read for them.
 *
 * Promises: what lies ahead of the scrolling is drawn before it comes into view; a new layout keeps
 * the picture at the top of the view where it is.
 */
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type RefObject,
} from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import { justifiedLayout, rowAt, rowOf, type JustifiedLayout } from './justified-layout.ts';
import type { PictureIndex } from './picture-index.ts';
import type { SummaryCache } from './summary-cache.ts';

interface GridView {
  /** First row drawn, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Whether pictures go by faster than anyone can look at them. */
  readonly isRushed: boolean;
}

/** Shares of the view's height that are drawn beyond it. */
const ahead = 0.9;
const behind = 0.4;
/** After a jump what is in view comes first: the rest follows once it is settled. */
const afterJump = 0.1;
/** So many more are read, without being drawn. */
const readAhead = 2;
const gapPx = 6;
const rushPxPerMs = 3;
const settledAfterMs = 120;

export function useGridView(
  index: PictureIndex,
  rowHeight: number,
  summaries: SummaryCache,
): GridView & {
  readonly layout: JustifiedLayout;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
  readonly showPlace: (place: number) => void;
  /** The next layout keeps how far it is scrolled, not the picture at the top. */
  readonly stayStill: () => void;
} {
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const layout = useMemo(
    () => justifiedLayout(index, { width, rowHeight, gap: gapPx }),
    [index, width, rowHeight],
  );
  const [view, setView] = useState<GridView>({ from: 0, to: 0, isRushed: false });
  const last = useRef({ top: 0, at: 0, direction: 1, isJump: false });
  /** The first picture in view, and how far its row is scrolled past. */
  const kept = useRef<{ id: ImageId; offset: number } | null>(null);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const readWidth = () => {
      const { paddingLeft, paddingRight } = getComputedStyle(element);
      setWidth(
        element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight),
      );
    };
    readWidth();
    const observer = new ResizeObserver(readWidth);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const measure = useCallback(
    (isRushed: boolean) => {
      const element = scroller.current;
      if (!element) return;
      const { scrollTop: top, clientHeight: height } = element;
      const { direction, isJump } = last.current;
      const [above, below] = isJump
        ? [afterJump, afterJump]
        : direction > 0
          ? [behind, ahead]
          : [ahead, behind];
      const from = Math.max(0, rowAt(layout, top - above * height));
      const to = rowAt(layout, top + (1 + below) * height) + 1;
      setView((now) =>
        now.from === from && now.to === to && now.isRushed === isRushed
          ? now
          : { from, to, isRushed },
      );
      const first = rowAt(layout, top);
      const id = index.idAt(layout.firsts[Math.max(0, first)] ?? 0);
      kept.current =
        id === null || first < 0 ? null : { id, offset: top - (layout.tops[first] ?? 0) };

      const placesOf = (start: number, end: number) =>
        index.slice(layout.firsts[Math.max(0, start)] ?? 0, layout.firsts[end] ?? index.count);
      const inView = placesOf(first, rowAt(layout, top + height) + 1);
      const next =
        direction > 0
          ? placesOf(from, rowAt(layout, top + (1 + readAhead) * height) + 1)
          : placesOf(rowAt(layout, top - readAhead * height), to);
      summaries.want([...new Set([...inView, ...next])]);
    },
    [layout, index, summaries],
  );

  useLayoutEffect(() => {
    const element = scroller.current;
    const row = kept.current ? rowOf(layout, index.placeOf(kept.current.id)) : -1;
    if (element && kept.current && row >= 0)
      element.scrollTop = (layout.tops[row] ?? 0) + kept.current.offset;
    measure(false);
  }, [layout, index, measure]);
  useEffect(() => () => clearTimeout(settling.current), []);

  return {
    ...view,
    layout,
    scroller,
    onScroll() {
      const element = scroller.current;
      if (!element) return;
      const now = performance.now();
      const { scrollTop: top } = element;
      const { top: lastTop, at } = last.current;
      const moved = top - lastTop;
      const direction = moved === 0 ? last.current.direction : Math.sign(moved);
      const isJump = Math.abs(moved) > element.clientHeight;
      last.current = { top, at: now, direction, isJump };
      const isRushed = Math.abs(moved) / Math.max(1, Math.min(100, now - at)) > rushPxPerMs;
      measure(isRushed);
      clearTimeout(settling.current);
      if (!isRushed && !isJump) return;
      settling.current = setTimeout(() => {
        last.current.isJump = false;
        measure(false);
      }, settledAfterMs);
    },
    stayStill() {
      kept.current = null;
    },
    showPlace(place) {
      const element = scroller.current;
      const row = rowOf(layout, place);
      if (!element || row < 0) return;
      const top = layout.tops[row] ?? 0;
      const bottom = (layout.tops[row + 1] ?? top) + layout.gap;
      if (top < element.scrollTop) element.scrollTop = Math.max(0, top - layout.gap);
      else if (bottom > element.scrollTop + element.clientHeight)
        element.scrollTop = bottom - element.clientHeight + layout.gap;
    },
  };
}
