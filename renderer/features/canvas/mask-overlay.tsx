/** The tint over the picture: only what changed is drawn again. */
import { useEffect, useLayoutEffect, useRef } from 'react';
import { rectOnPlace, type CanvasView } from './canvas-view.ts';
import styles from './mask-stage.module.css';
import { overlayPixels, type Tint } from './overlay.ts';
import type { PaintedMask } from './painted-mask.ts';
import { emptyRect, isEmptyRect, joinRects, pixelsAround, wholeOf, type Rect } from './rect.ts';

const opacity = 0.6;

interface MaskOverlayProps {
  readonly mask: PaintedMask;
  readonly view: CanvasView;
  readonly place: { readonly width: number; readonly height: number };
}

export function MaskOverlay({ mask, view, place }: MaskOverlayProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const density = window.devicePixelRatio;
  const size = {
    width: Math.round(place.width * density),
    height: Math.round(place.height * density),
  };
  const screen: CanvasView = {
    scale: view.scale * density,
    x: view.x * density,
    y: view.y * density,
  };

  function draw(rect: Rect): void {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || isEmptyRect(rect)) return;
    const pixels = overlayPixels(mask, screen, rect, tintOf(element));
    const columns = rect.right - rect.left;
    context.putImageData(new ImageData(pixels, columns), rect.left, rect.top);
  }

  const drawChanged = useRef<(changed: Rect) => void>(() => undefined);
  useLayoutEffect(() => {
    drawChanged.current = (changed) => draw(pixelsAround(rectOnPlace(screen, changed), size, 1));
    draw(wholeOf(size));
  });

  useEffect(() => {
    let changed = emptyRect;
    let frame = 0;
    const stop = mask.subscribe((rect) => {
      changed = joinRects(changed, rect);
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        if (!isEmptyRect(changed)) drawChanged.current(changed);
        changed = emptyRect;
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [mask]);

  return <canvas ref={canvas} className={styles.overlay} aria-hidden {...size} />;
}

/** The style sheet's colour of the canvas. */
function tintOf(element: HTMLElement): Tint {
  const [red = 0, green = 0, blue = 0] = (
    getComputedStyle(element).color.match(/[\d.]+/g) ?? []
  ).map(Number);
  return { red, green, blue, opacity };
}
