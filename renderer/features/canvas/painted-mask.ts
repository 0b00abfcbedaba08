/**
 * A mask being painted: coverage, what changes it, and undo. Knows nothing of the window.
 *
 * A stroke is many segments and one step of undo: `commit` ends it, `revert` takes it back. All other
 * changes are steps of their own. Those that may take long come in slices: until the last of them nothing
 * else changes the mask, and one that is called off leaves it as it was.
 */
import { drawSegment, segmentRect, type Dab } from './brush.ts';
import { paintedFrom, type Blend, type Coverage } from './coverage.ts';
import { feather, featherRect } from './feather.ts';
import { connectedRegion, sameSide, similarColour, type PicturePixels } from './flood-fill.ts';
import { fillOutline, outlineRect, type FillRule, type Point } from './lasso.ts';
import { createMaskHistory, type KeptSteps } from './mask-history.ts';
import { emptyRect, isEmptyRect, wholeOf, type Rect } from './rect.ts';
import { within, type Sliced } from './slices.ts';

/** Which pixels belong to a filled area, besides being connected. */
export type FillBy =
  | { readonly kind: 'mask' }
  | { readonly kind: 'colour'; readonly pixels: PicturePixels; readonly tolerance: number };

/** The same object until something changed, so that a window can compare it. */
export interface MaskStatus {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Rises with every step, also an undone one. */
  readonly revision: number;
}

export interface PaintedMask extends Coverage {
  readonly status: MaskStatus;
  /** Whether a change in slices is under way, and levels are neither old nor new. */
  readonly isSlicing: boolean;
  /** @param hardness 0 … 1 */
  segment(from: Dab, to: Dab, hardness: number, blend: Blend): void;
  commit(): void;
  revert(): void;
  lasso(outline: readonly Point[], rule: FillRule, blend: Blend): void;
  /** Turns the area around a pixel over: what was kept is painted, what was painted is kept. */
  flood(start: Point, by: FillBy): Sliced;
  invert(): Sliced;
  clear(): Sliced;
  /** @param sigmaPx standard deviation of the Gaussian */
  feather(sigmaPx: number): Sliced;
  undo(): void;
  redo(): void;
  /** What undo and redo can still do, as far as it fits into so many bytes. */
  steps(mostBytes: number): KeptSteps;
  /** Whether nothing is painted. */
  isEmpty(): boolean;
  /** @param listener told what changed; an empty rectangle when only the status did. @returns stops listening */
  subscribe(listener: (changed: Rect) => void): () => void;
}

const rowsPerYield = 16;

/** What needs no search. */
// A generator has to be one, even where there is nothing to wait for.
// oxlint-disable-next-line require-yield
function* found(rect: Rect): Sliced<Rect> {
  return rect;
}

export function createPaintedMask(
  width: number,
  height: number,
  levels: Uint8Array = new Uint8Array(width * height),
  kept?: KeptSteps,
): PaintedMask {
  if (levels.length !== width * height)
    throw new RangeError(`${levels.length} levels do not make ${width} × ${height} pixels.`);
  const coverage: Coverage = { width, height, levels };
  const history = createMaskHistory(coverage, undefined, kept);
  const listeners = new Set<(changed: Rect) => void>();
  let status: MaskStatus = { canUndo: history.canUndo, canRedo: history.canRedo, revision: 0 };
  let isSlicing = false;

  function tell(changed: Rect): void {
    for (const listener of listeners) listener(changed);
  }

  function step(changed: Rect): void {
    const { canUndo, canRedo } = history;
    status = { canUndo, canRedo, revision: status.revision + 1 };
    tell(changed);
  }

  function change(rect: Rect, write: () => void): void {
    if (isEmptyRect(rect)) return;
    history.touch(rect);
    write();
    if (history.commit()) step(rect);
  }

  /** @param write goes from the share given to 1 within the whole */
  function* changeSliced(findRect: Sliced<Rect>, write: (rect: Rect) => Sliced): Sliced {
    if (isSlicing) return;
    isSlicing = true;
    let isWhole = false;
    try {
      const rect = yield* within(findRect, 0, 0.3);
      if (!isEmptyRect(rect)) {
        yield* within(history.touchSliced(rect), 0.3, 0.4);
        yield* within(write(rect), 0.4, 0.8);
        if (yield* within(history.commitSliced(), 0.8, 1)) step(rect);
      }
      isWhole = true;
    } finally {
      isSlicing = false;
      if (!isWhole) tell(history.revert());
    }
  }

  const move = (direction: 'undo' | 'redo') => {
    if (isSlicing) return;
    tell(history.revert());
    const changed = history[direction]();
    if (!isEmptyRect(changed)) step(changed);
  };

  function* eachRow(rect: Rect, write: (from: number, to: number) => void): Sliced {
    for (let y = rect.top; y < rect.bottom; y += 1) {
      write(y * width + rect.left, y * width + rect.right);
      if (y % rowsPerYield === 0) yield (y - rect.top) / (rect.bottom - rect.top);
    }
  }

  return {
    ...coverage,
    get status() {
      return status;
    },
    get isSlicing() {
      return isSlicing;
    },
    segment(from, to, hardness, blend) {
      const rect = segmentRect(from, to, coverage);
      if (isSlicing || isEmptyRect(rect)) return;
      history.touch(rect);
      drawSegment(coverage, from, to, hardness, blend);
      tell(rect);
    },
    commit() {
      if (!isSlicing && history.commit()) step(emptyRect);
    },
    revert() {
      if (!isSlicing) tell(history.revert());
    },
    lasso(outline, rule, blend) {
      if (isSlicing || outline.length < 3) return;
      change(outlineRect(outline, coverage), () => fillOutline(coverage, outline, rule, blend));
    },
    flood({ x, y }, by) {
      const start = { x: Math.floor(x), y: Math.floor(y) };
      const index = start.y * width + start.x;
      const belongs =
        by.kind === 'mask'
          ? sameSide(coverage, index)
          : similarColour(by.pixels, index, by.tolerance);
      const level = (levels[index] ?? 0) >= paintedFrom ? 0 : 255;
      let inside: Uint8Array = new Uint8Array(0);
      function* find(): Sliced<Rect> {
        const region = yield* connectedRegion(coverage, start, belongs);
        ({ inside } = region);
        return region.rect;
      }
      return changeSliced(find(), (rect) =>
        eachRow(rect, (from, to) => {
          for (let at = from; at < to; at += 1) if (inside[at] === 1) levels[at] = level;
        }),
      );
    },
    invert: () =>
      changeSliced(found(wholeOf(coverage)), (rect) =>
        eachRow(rect, (from, to) => {
          for (let at = from; at < to; at += 1) levels[at] = 255 - (levels[at] ?? 0);
        }),
      ),
    clear: () =>
      changeSliced(found(wholeOf(coverage)), (rect) =>
        eachRow(rect, (from, to) => levels.fill(0, from, to)),
      ),
    feather: (sigmaPx) =>
      changeSliced(found(featherRect(coverage, sigmaPx)), (rect) =>
        feather(coverage, rect, sigmaPx),
      ),
    undo: () => move('undo'),
    redo: () => move('redo'),
    steps: history.steps,
    isEmpty: () => levels.every((level) => level < paintedFrom),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
