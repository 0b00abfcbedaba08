/** The picture with its mask, painted by pointer or by the arrow keys. */
import { useEffect, useReducer, useRef, useState } from 'react';
import type { CanvasTools } from './canvas-tools.ts';
import { showPoint, toPicture, toPlace, type CanvasView } from './canvas-view.ts';
import type { Point } from './lasso.ts';
import type { MaskSession } from './mask-editor.ts';
import { MaskOverlay } from './mask-overlay.tsx';
import styles from './mask-stage.module.css';
import type { Pen, PenPoint } from './pen.ts';
import { useCanvasPointers } from './use-canvas-pointers.ts';

interface MaskSurfaceProps {
  readonly session: MaskSession;
  readonly pen: Pen;
  readonly tools: CanvasTools;
  readonly view: CanvasView;
  readonly place: { readonly width: number; readonly height: number };
  /** Of the picture; null while nothing points at it. */
  readonly cursor: Point | null;
  readonly onCursor: (cursor: Point | null) => void;
  readonly onPan: (dx: number, dy: number) => void;
  readonly onZoom: (at: Point, factor: number) => void;
  readonly onView: (view: CanvasView) => void;
  readonly onFill: (at: Point) => void;
  /** Words for who does not see what happened. */
  readonly onSay: (text: string) => void;
  readonly onClose: () => void;
}

/** From here on single pixels are meant to be seen. */
const pixelatedFromScale = 6;

export function MaskSurface(props: MaskSurfaceProps) {
  const { session, pen, tools, view, place, cursor, onCursor, onFill, onSay } = props;
  const { picture, mask } = session;
  const surface = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [isKeyboard, setIsKeyboard] = useState(false);
  const [holdsSpace, setHoldsSpace] = useState(false);
  useEffect(() => surface.current?.focus({ preventScroll: true }), []);

  const onPicture = (at: PenPoint): PenPoint => ({ ...at, ...toPicture(view, at) });
  const pointers = useCanvasPointers(surface, {
    onDown(at) {
      setIsKeyboard(false);
      if (tools.tool === 'fill') onFill(toPicture(view, at));
      else pen.down(onPicture(at));
      redraw();
    },
    onMove(points) {
      for (const point of points) pen.move(onPicture(point));
      redraw();
    },
    onUp() {
      pen.up();
      redraw();
    },
    onCancel() {
      pen.cancel();
      redraw();
    },
    onHover(at) {
      if (at === null && isKeyboard) return;
      setIsKeyboard(false);
      onCursor(at && toPicture(view, at));
    },
    onPan: props.onPan,
    onZoom: props.onZoom,
    pans: () => holdsSpace,
  });

  function moveCursor(dx: number, dy: number): void {
    const from = cursor ?? { x: mask.width / 2, y: mask.height / 2 };
    const next = {
      x: Math.min(mask.width, Math.max(0, from.x + dx)),
      y: Math.min(mask.height, Math.max(0, from.y + dy)),
    };
    setIsKeyboard(true);
    onCursor(next);
    const followed = showPoint(view, next, place);
    if (followed.x !== view.x || followed.y !== view.y) props.onView(followed);
    if (pen.isDown && tools.tool !== 'lasso') pen.move({ ...next, pressure: 1 });
  }

  /** Space or Enter at the cursor. */
  function press(key: ' ' | 'Enter', at: Point): void {
    const point = { ...at, pressure: 1 };
    if (tools.tool === 'fill') {
      onFill(at);
    } else if (tools.tool === 'lasso') {
      if (key === 'Enter' && pen.isDown) {
        pen.up();
        onSay('Lasso closed');
      } else {
        if (pen.isDown) pen.move(point);
        else pen.down(point);
        onSay(`Corner ${pen.outline.length}`);
      }
    } else if (key === 'Enter' && pen.isDown) {
      pen.up();
      onSay('Pen up');
    } else {
      pen.down(point);
      onSay('Pen down');
    }
    redraw();
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = Math.max(1, Math.round(tools.sizePx / 8)) * (event.shiftKey ? 10 : 1);
    const arrow = arrows[event.key];
    if (arrow) moveCursor(arrow.x * step, arrow.y * step);
    else if (event.key === ' ' && !isKeyboard && cursor !== null) setHoldsSpace(true);
    else if (event.key === ' ' || event.key === 'Enter') {
      const at = cursor ?? { x: mask.width / 2, y: mask.height / 2 };
      setIsKeyboard(true);
      onCursor(at);
      if (!event.repeat) press(event.key, at);
    } else if (event.key === '+') {
      props.onZoom({ x: place.width / 2, y: place.height / 2 }, 1.25);
    } else if (event.key === 'Escape') {
      if (pen.cancel()) redraw();
      else props.onClose();
    } else return;
    event.preventDefault();
  }

  function onKeyUp(event: React.KeyboardEvent): void {
    if (event.key !== ' ') return;
    setHoldsSpace(false);
    if (!isKeyboard || tools.tool === 'lasso' || !pen.isDown) return;
    pen.up();
    onSay('Pen up');
    redraw();
  }

  const shown = cursor && toPlace(view, cursor);
  const isBrush = tools.tool === 'brush' || tools.tool === 'eraser';
  const diameter = isBrush ? Math.max(4, tools.sizePx * view.scale) : 9;
  return (
    <>
      <div
        ref={surface}
        className={styles.surface}
        role="application"
        aria-label="Mask canvas"
        aria-describedby="mask-canvas-keys"
        tabIndex={0}
        data-panning={holdsSpace ? '' : undefined}
        onKeyDown={onKeyDown}
        onKeyUp={onKeyUp}
        onBlur={() => {
          setHoldsSpace(false);
          if (isKeyboard && tools.tool !== 'lasso') pen.up();
        }}
        {...pointers}
      >
        <img
          src={picture.url}
          alt=""
          draggable={false}
          style={{
            width: picture.width,
            height: picture.height,
            transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
            imageRendering: view.scale >= pixelatedFromScale ? 'pixelated' : 'auto',
          }}
        />
        <MaskOverlay mask={mask} view={view} place={place} />
        {pen.outline.length > 0 && (
          <svg className={styles.outline} aria-hidden>
            {['under', 'over'].map((layer) => (
              <polygon
                key={layer}
                data-layer={layer}
                points={pen.outline
                  .map((point) => toPlace(view, point))
                  .map(({ x, y }) => `${x},${y}`)
                  .join(' ')}
              />
            ))}
          </svg>
        )}
        {shown && !holdsSpace && (
          <span
            className={styles.cursor}
            data-keyboard={isKeyboard ? '' : undefined}
            data-dot={isBrush ? undefined : ''}
            aria-hidden
            style={{
              width: diameter,
              height: diameter,
              transform: `translate(${shown.x - diameter / 2}px, ${shown.y - diameter / 2}px)`,
            }}
          />
        )}
      </div>
      <p id="mask-canvas-keys" className="visually-hidden">
        Arrow keys move the cursor, with Shift ten times as far. Hold Space to paint, or press Enter
        to set the pen down and up. With the lasso, Space sets a corner and Enter closes it. Escape
        takes back what is not finished, then goes back to the picture.
      </p>
    </>
  );
}

const arrows: Readonly<Partial<Record<string, Point>>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
