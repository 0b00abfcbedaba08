/**
 * How several pictures are looked at together: as large against what fits, and at the same share of
 * each, so that pictures of different sizes show the same part. Pure.
 */
export interface LinkedView {
  /** 1 shows the whole picture. */
  readonly zoom: number;
  /** The point of the picture in the middle of its place, shares of its sides. */
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const wholeView: LinkedView = { zoom: 1, x: 0.5, y: 0.5 };

export const zoomRange = { min: 1, max: 64 } as const;
/** Small pictures are not blown up to fill a large place. */
const mostEnlarged = 3;

/** CSS pixels per pixel of the picture where all of it shows. */
export function fittingScale(picture: Size, place: Size): number {
  return Math.min(place.width / picture.width, place.height / picture.height, mostEnlarged);
}

/** The zoom at which one pixel of the picture is one of the screen. */
export function actualZoom(picture: Size, place: Size, pixelRatio: number): number {
  return Math.max(zoomRange.min, 1 / (fittingScale(picture, place) * pixelRatio));
}

/** Where the picture lies in its place, CSS pixels. */
export function placedPicture(
  { zoom, x, y }: LinkedView,
  picture: Size,
  place: Size,
): { readonly left: number; readonly top: number; readonly scale: number } {
  const scale = fittingScale(picture, place) * zoom;
  return {
    left: place.width / 2 - x * picture.width * scale,
    top: place.height / 2 - y * picture.height * scale,
    scale,
  };
}

/** Moved by CSS pixels of one picture's place. */
export function panned(
  view: LinkedView,
  dx: number,
  dy: number,
  picture: Size,
  place: Size,
): LinkedView {
  const scale = fittingScale(picture, place) * view.zoom;
  return inSight({
    ...view,
    x: view.x - dx / (picture.width * scale),
    y: view.y - dy / (picture.height * scale),
  });
}

/** What lies under a point of the place stays there. @param at CSS pixels from the place's corner; null for its middle */
export function zoomed(
  view: LinkedView,
  factor: number,
  at: { readonly x: number; readonly y: number } | null,
  picture: Size,
  place: Size,
): LinkedView {
  const zoom = Math.min(zoomRange.max, Math.max(zoomRange.min, view.zoom * factor));
  if (at === null) return inSight({ ...view, zoom });
  const fit = fittingScale(picture, place);
  const shift = (offset: number, length: number) =>
    (offset / length) * (1 / (fit * view.zoom) - 1 / (fit * zoom));
  return inSight({
    zoom,
    x: view.x + shift(at.x - place.width / 2, picture.width),
    y: view.y + shift(at.y - place.height / 2, picture.height),
  });
}

/** The middle of the place stays over the picture, and all of it is in the middle where it fits. */
function inSight({ zoom, x, y }: LinkedView): LinkedView {
  const margin = 0.5 / zoom;
  const within = (share: number) => Math.min(1 - margin, Math.max(margin, share));
  return { zoom, x: within(x), y: within(y) };
}
