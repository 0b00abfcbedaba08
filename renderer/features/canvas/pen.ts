/** What goes over the mask, by pointer or by keyboard, and turns into strokes and outlines. */
import { brushRadius, type CanvasTools } from './canvas-tools.ts';
import type { Point } from './lasso.ts';
import type { PaintedMask } from './painted-mask.ts';

export interface PenPoint extends Point {
  /** 0 … 1; 1 for what has no pressure. */
  readonly pressure: number;
}

export interface Pen {
  readonly isDown: boolean;
  /** Corners of the lasso that is being drawn. */
  readonly outline: readonly Point[];
  down(point: PenPoint): void;
  move(point: PenPoint): void;
  /** Ends a stroke, or closes and fills a lasso: one step of undo. */
  up(): void;
  /** Takes back what is not finished. @returns whether there was something */
  cancel(): boolean;
}

/** @param tools read whenever the pen is set down; a stroke keeps what it began with */
export function createPen(mask: PaintedMask, tools: () => CanvasTools): Pen {
  let held: CanvasTools | null = null;
  let last: PenPoint | null = null;
  let outline: readonly Point[] = [];

  function draw(from: PenPoint, to: PenPoint, chosen: CanvasTools): void {
    mask.segment(
      { x: from.x, y: from.y, radiusPx: brushRadius(chosen, from) },
      { x: to.x, y: to.y, radiusPx: brushRadius(chosen, to) },
      chosen.hardness,
      chosen.tool === 'eraser' ? 'subtract' : 'add',
    );
  }

  function lift(): void {
    held = null;
    last = null;
    outline = [];
  }

  return {
    get isDown() {
      return held !== null;
    },
    get outline() {
      return outline;
    },
    down(point) {
      const chosen = tools();
      // A fill has no stroke.
      if (held !== null || chosen.tool === 'fill') return;
      held = chosen;
      last = point;
      if (chosen.tool === 'lasso') outline = [point];
      else draw(point, point, chosen);
    },
    move(point) {
      if (!held || !last) return;
      if (held.tool === 'lasso') outline = [...outline, point];
      else draw(last, point, held);
      last = point;
    },
    up() {
      if (!held) return;
      if (held.tool === 'lasso') mask.lasso(outline, held.fillRule, held.lassoBlend);
      else mask.commit();
      lift();
    },
    cancel() {
      if (!held) return false;
      mask.revert();
      lift();
      return true;
    },
  };
}
