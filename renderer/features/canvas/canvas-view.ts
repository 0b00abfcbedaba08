/** Where a picture lies on the screen, and how large. Pure. */
import type { Point } from './lasso.ts';
import type { Rect } from './rect.ts';

/** A point of the picture lies at `x + scale · px`, `y + scale · py` of its place. CSS pixels. */
export interface CanvasView {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const scaleRange = { min: 1 / 32, max: 32 } as const;
const marginPx = 24;
/** So much of the picture always stays in sight. CSS pixels. */
const leastInSightPx = 48;

/** The whole picture in the middle; small ones are shown at most four times as large. */
export function fitView(picture: Size, place: Size): CanvasView {
  const scale = Math.max(
    scaleRange.min,
    Math.min(
      4,
      (place.width - 2 * marginPx) / picture.width,
      (place.height - 2 * marginPx) / picture.height,
    ),
  );
  return centred(picture, place, scale);
}

function centred(picture: Size, place: Size, scale: number): CanvasView {
  return {
    scale,
    x: (place.width - picture.width * scale) / 2,
    y: (place.height - picture.height * scale) / 2,
  };
}

/** What lies under `at` stays there. */
export function zoomAt(view: CanvasView, at: Point, factor: number): CanvasView {
  const scale = Math.min(scaleRange.max, Math.max(scaleRange.min, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

export function panBy(view: CanvasView, dx: number, dy: number): CanvasView {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** Moved no farther than to where some of the picture is left in sight. */
export function keepInSight(view: CanvasView, picture: Size, place: Size): CanvasView {
  const within = (offset: number, length: number, room: number) => {
    const least = Math.min(leastInSightPx, length);
    return Math.min(room - least, Math.max(least - length, offset));
  };
  return {
    scale: view.scale,
    x: within(view.x, picture.width * view.scale, place.width),
    y: within(view.y, picture.height * view.scale, place.height),
  };
}

/** Moved just so far that a point of the picture is in sight. */
export function showPoint(view: CanvasView, point: Point, place: Size): CanvasView {
  const at = toPlace(view, point);
  const shift = (offset: number, room: number) => {
    if (offset < marginPx) return marginPx - offset;
    return Math.min(0, room - marginPx - offset);
  };
  return panBy(view, shift(at.x, place.width), shift(at.y, place.height));
}

export function toPicture(view: CanvasView, at: Point): Point {
  return { x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale };
}

export function toPlace(view: CanvasView, point: Point): Point {
  return { x: view.x + point.x * view.scale, y: view.y + point.y * view.scale };
}

/** The part of the place that shows a part of the picture. CSS pixels, not whole ones. */
export function rectOnPlace(view: CanvasView, { left, top, right, bottom }: Rect): Rect {
  const start = toPlace(view, { x: left, y: top });
  const end = toPlace(view, { x: right, y: bottom });
  return { left: start.x, top: start.y, right: end.x, bottom: end.y };
}
