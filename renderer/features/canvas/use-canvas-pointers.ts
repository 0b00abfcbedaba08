/** Pointers over the canvas: one paints, Space or the middle button moves the picture, two fingers pinch. */
import { useEffect, useRef, type PointerEvent as ReactPointerEvent, type RefObject } from 'react';
import type { Point } from './lasso.ts';
import type { PenPoint } from './pen.ts';

interface CanvasPointers {
  /** Points lie within the element, CSS pixels. */
  readonly onDown: (at: PenPoint) => void;
  readonly onMove: (at: readonly PenPoint[]) => void;
  readonly onUp: () => void;
  /** What has begun turned out to be a gesture. */
  readonly onCancel: () => void;
  readonly onHover: (at: Point | null) => void;
  readonly onPan: (dx: number, dy: number) => void;
  readonly onZoom: (at: Point, factor: number) => void;
  /** Whether a press moves the picture now. */
  readonly pans: () => boolean;
}

const wheelZoom = 0.0016;
/** A trackpad's pinch arrives as small turns of a wheel with Ctrl held. */
const pinchZoom = 0.01;

export function useCanvasPointers(
  element: RefObject<HTMLDivElement | null>,
  handlers: CanvasPointers,
) {
  const touches = useRef(new Map<number, Point>());
  const gesture = useRef<'paint' | 'pan' | 'pinch' | null>(null);
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });

  useEffect(() => {
    const node = element.current;
    if (!node) return;
    // React listens passively, and the page must not scroll or zoom along.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { onPan, onZoom } = latest.current;
      if (event.shiftKey) return onPan(-(event.deltaX || event.deltaY), 0);
      const speed = event.ctrlKey ? pinchZoom : wheelZoom;
      onZoom(within(node, event), Math.exp(-event.deltaY * speed));
    };
    node.addEventListener('wheel', onWheel, { passive: false });
    return () => node.removeEventListener('wheel', onWheel);
  }, [element]);

  function pinch(id: number, to: Point): void {
    const other = [...touches.current].find(([key]) => key !== id)?.[1];
    const from = touches.current.get(id);
    if (!other || !from) return;
    const middle = { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 };
    handlers.onPan((to.x - from.x) / 2, (to.y - from.y) / 2);
    handlers.onZoom(middle, Math.max(1, distance(to, other)) / Math.max(1, distance(from, other)));
  }

  function end(event: ReactPointerEvent<HTMLDivElement>): void {
    touches.current.delete(event.pointerId);
    if (gesture.current === 'paint') handlers.onUp();
    // The last finger of a pinch does not begin to paint.
    if (gesture.current !== 'pinch' || touches.current.size === 0) gesture.current = null;
  }

  return {
    onPointerDown(event: ReactPointerEvent<HTMLDivElement>) {
      const at = within(event.currentTarget, event);
      touches.current.set(event.pointerId, at);
      event.currentTarget.setPointerCapture(event.pointerId);
      if (touches.current.size > 1) {
        if (gesture.current === 'paint') handlers.onCancel();
        gesture.current = 'pinch';
      } else if (event.button === 1 || (event.button === 0 && handlers.pans())) {
        gesture.current = 'pan';
      } else if (event.button === 0) {
        gesture.current = 'paint';
        handlers.onDown(penPoint(event.currentTarget, event.nativeEvent));
      }
    },
    onPointerMove(event: ReactPointerEvent<HTMLDivElement>) {
      const node = event.currentTarget;
      const at = within(node, event);
      const before = touches.current.get(event.pointerId);
      if (gesture.current === 'pinch') pinch(event.pointerId, at);
      else if (gesture.current === 'pan' && before)
        handlers.onPan(at.x - before.x, at.y - before.y);
      else if (gesture.current === 'paint') {
        const points = event.nativeEvent.getCoalescedEvents();
        handlers.onMove(
          (points.length > 0 ? points : [event.nativeEvent]).map((point) => penPoint(node, point)),
        );
      }
      if (before) touches.current.set(event.pointerId, at);
      handlers.onHover(at);
    },
    onPointerUp: end,
    onPointerCancel(event: ReactPointerEvent<HTMLDivElement>) {
      if (gesture.current === 'paint') {
        handlers.onCancel();
        gesture.current = null;
      }
      end(event);
    },
    onPointerLeave: () => handlers.onHover(null),
  };
}

function within(node: HTMLElement, { clientX, clientY }: MouseEvent | ReactPointerEvent): Point {
  const { left, top } = node.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}

function penPoint(node: HTMLElement, event: PointerEvent): PenPoint {
  // A mouse has no pressure and reports half.
  return { ...within(node, event), pressure: event.pointerType === 'pen' ? event.pressure : 1 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
