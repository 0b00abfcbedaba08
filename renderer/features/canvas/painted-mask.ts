/**
 * A mask being painted: coverage, what changes it, and undo. Knows nothing of the window.
 *
 * A stroke is many segments and one step of undo: `commit` ends it, `revert` takes it back. All other
 * changes are steps of their own.
 */
import { drawSegment, segmentRect, type Dab } from './brush.ts';
import { paintedFrom, type Blend, type Coverage } from './coverage.ts';
import { feather, featherRect } from './feather.ts';
import { connectedRegion, sameSide, similarColour, type PicturePixels } from './flood-fill.ts';
import { fillOutline, outlineRect, type FillRule, type Point } from './lasso.ts';
import { createMaskHistory } from './mask-history.ts';
import { isEmptyRect, wholeOf, type Rect } from './rect.ts';

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
  /** @param hardness 0 … 1 */
  segment(from: Dab, to: Dab, hardness: number, blend: Blend): void;
  commit(): void;
  revert(): void;
  lasso(outline: readonly Point[], rule: FillRule, blend: Blend): void;
  /** Turns the area around a pixel over: what was kept is painted, what was painted is kept. */
  flood(start: Point, by: FillBy): void;
  invert(): void;
  clear(): void;
  /** @param sigmaPx standard deviation of the Gaussian */
  feather(sigmaPx: number): void;
  undo(): void;
  redo(): void;
  /** Whether nothing is painted. */
  isEmpty(): boolean;
  /** @param listener told what changed; an empty rectangle when only the status did. @returns stops listening */
  subscribe(listener: (changed: Rect) => void): () => void;
}

export function createPaintedMask(
  width: number,
  height: number,
  levels: Uint8Array = new Uint8Array(width * height),
): PaintedMask {
  if (levels.length !== width * height)
    throw new RangeError(`${levels.length} levels do not make ${width} × ${height} pixels.`);
  const coverage: Coverage = { width, height, levels };
  const history = createMaskHistory(coverage);
  const listeners = new Set<(changed: Rect) => void>();
  let status: MaskStatus = { canUndo: false, canRedo: false, revision: 0 };

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

  const move = (direction: 'undo' | 'redo') => {
    tell(history.revert());
    const changed = history[direction]();
    if (!isEmptyRect(changed)) step(changed);
  };

  return {
    ...coverage,
    get status() {
      return status;
    },
    segment(from, to, hardness, blend) {
      const rect = segmentRect(from, to, coverage);
      if (isEmptyRect(rect)) return;
      history.touch(rect);
      drawSegment(coverage, from, to, hardness, blend);
      tell(rect);
    },
    commit() {
      if (history.commit()) step({ left: 0, top: 0, right: 0, bottom: 0 });
    },
    revert() {
      tell(history.revert());
    },
    lasso(outline, rule, blend) {
      if (outline.length < 3) return;
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
      const { inside, rect } = connectedRegion(coverage, start, belongs);
      change(rect, () => {
        for (let row = rect.top; row < rect.bottom; row += 1) {
          for (let at = row * width + rect.left; at < row * width + rect.right; at += 1)
            if (inside[at] === 1) levels[at] = level;
        }
      });
    },
    invert() {
      change(wholeOf(coverage), () => {
        for (let index = 0; index < levels.length; index += 1)
          levels[index] = 255 - (levels[index] ?? 0);
      });
    },
    clear() {
      change(wholeOf(coverage), () => levels.fill(0));
    },
    feather(sigmaPx) {
      const rect = featherRect(coverage, sigmaPx);
      change(rect, () => feather(coverage, rect, sigmaPx));
    },
    undo: () => move('undo'),
    redo: () => move('redo'),
    isEmpty: () => levels.every((level) => level < paintedFrom),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
