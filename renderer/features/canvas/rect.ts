/** Rectangles of whole pixels; `right` and `bottom` are just outside. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export const emptyRect: Rect = { left: 0, top: 0, right: 0, bottom: 0 };

export function isEmptyRect({ left, top, right, bottom }: Rect): boolean {
  return right <= left || bottom <= top;
}

export function wholeOf({ width, height }: Size): Rect {
  return { left: 0, top: 0, right: width, bottom: height };
}

/** The smallest rectangle of whole pixels around what is given, as far as it lies within `size`. */
export function pixelsAround(
  { left, top, right, bottom }: Rect,
  { width, height }: Size,
  marginPx = 0,
): Rect {
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
  return {
    left: clamp(Math.floor(left - marginPx), width),
    top: clamp(Math.floor(top - marginPx), height),
    right: clamp(Math.ceil(right + marginPx), width),
    bottom: clamp(Math.ceil(bottom + marginPx), height),
  };
}

export function joinRects(a: Rect, b: Rect): Rect {
  if (isEmptyRect(a)) return b;
  if (isEmptyRect(b)) return a;
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}
