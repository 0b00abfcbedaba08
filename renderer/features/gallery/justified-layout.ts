/**
 * Rows of pictures that all end at the same edge, as a newspaper sets its columns. Pure.
 *
 * Promises: every picture keeps its shape within a pixel; every row but the last is exactly as
 * wide as asked for; the same input gives the same rows. Rows are typed arrays, so that 100,000
 * pictures are laid out within a frame or two and any place of them is found by bisection.
 */
export interface Shapes {
  readonly count: number;
  /** Width divided by height. */
  ratioAt(place: number): number;
}

export interface JustifiedLayout {
  readonly shapes: Shapes;
  readonly width: number;
  readonly gap: number;
  readonly rows: number;
  /** u32 [rows + 1]: the first picture of each row; the last value is the number of pictures. */
  readonly firsts: Uint32Array;
  /** f64 [rows + 1], CSS pixels; the last value lies one gap below the last row. */
  readonly tops: Float64Array;
  /** Whether the last row reaches the edge. */
  readonly isLastFull: boolean;
}

export interface JustifiedOptions {
  readonly width: number;
  readonly rowHeight: number;
  readonly gap: number;
}

/** A place in the grid, CSS pixels from its beginning. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Panoramas and columns are cropped to this, so that one of them cannot fill the screen or vanish. */
const widestRatio = 4;

export function justifiedLayout(shapes: Shapes, options: JustifiedOptions): JustifiedLayout {
  const { width, rowHeight, gap } = options;
  const { count: total } = shapes;
  const firsts = new Uint32Array(total + 1);
  const tops = new Float64Array(total + 1);
  let rows = 0;
  let top = 0;
  let first = 0;
  let isLastFull = true;
  while (width > 0 && first < total) {
    let ratioSum = 0;
    let count = 0;
    // A row is full once its pictures, at the wanted height, reach the edge.
    while (first + count < total && ratioSum * rowHeight + Math.max(0, count - 1) * gap < width) {
      const ratio = ratioOf(shapes, first + count);
      // Taking one more may miss the wanted height by more than leaving it out.
      if (count > 0 && (ratioSum + ratio) * rowHeight + count * gap > width) {
        const without = Math.abs(rowHeight - fittingHeight(ratioSum, count, width, gap));
        const within = Math.abs(rowHeight - fittingHeight(ratioSum + ratio, count + 1, width, gap));
        if (without < within) break;
      }
      ratioSum += ratio;
      count += 1;
    }
    const fitting = fittingHeight(ratioSum, count, width, gap);
    const isLast = first + count >= total;
    // The last row is not stretched when it is short of pictures.
    if (isLast) isLastFull = fitting <= rowHeight;
    firsts[rows] = first;
    tops[rows] = top;
    rows += 1;
    top += Math.max(1, Math.round(isLast ? Math.min(rowHeight, fitting) : fitting)) + gap;
    first += count;
  }
  firsts[rows] = first;
  tops[rows] = top;
  return {
    shapes,
    width,
    gap,
    rows,
    firsts: firsts.slice(0, rows + 1),
    tops: tops.slice(0, rows + 1),
    isLastFull,
  };
}

export function layoutHeight({ rows, tops, gap }: JustifiedLayout): number {
  return rows > 0 ? (tops[rows] ?? 0) - gap : 0;
}

/** @returns the index of the row that holds a picture; −1 if none does */
export function rowOf({ firsts, rows }: JustifiedLayout, place: number): number {
  return place < 0 || place >= (firsts[rows] ?? 0) ? -1 : lastAtMost(firsts, rows, place);
}

/** @returns the row at that height, the nearest one beyond the ends; −1 where there is none */
export function rowAt({ tops, rows }: JustifiedLayout, y: number): number {
  return rows === 0 ? -1 : Math.max(0, lastAtMost(tops, rows, y));
}

/** Boxes of the pictures of a row, left to right. */
export function rowBoxes(layout: JustifiedLayout, row: number): Box[] {
  const { shapes, firsts, tops, gap, rows, width, isLastFull } = layout;
  const first = firsts[row] ?? 0;
  const count = (firsts[row + 1] ?? first) - first;
  const top = tops[row] ?? 0;
  const height = (tops[row + 1] ?? top) - top - gap;
  const isFull = row < rows - 1 || isLastFull;
  let ratioSum = 0;
  for (let place = 0; place < count; place += 1) ratioSum += ratioOf(shapes, first + place);
  const exactHeight = isFull ? fittingHeight(ratioSum, count, width, gap) : height;
  const boxes: Box[] = [];
  // Whole pixels that add up: rounding errors are carried along, not collected at the end.
  let exact = 0;
  let used = 0;
  for (let place = 0; place < count; place += 1) {
    exact += ratioOf(shapes, first + place) * exactHeight;
    const isEnd = isFull && place === count - 1;
    const end = isEnd ? Math.round(width - (count - 1) * gap) : Math.round(exact);
    boxes.push({ left: used + place * gap, top, width: end - used, height });
    used = end;
  }
  return boxes;
}

/** A gap between two pictures, as high as their row. */
export interface Gap {
  /** Of the picture behind it; the number of pictures at the end. */
  readonly place: number;
  /** Its middle, CSS pixels. */
  readonly left: number;
  readonly top: number;
  readonly height: number;
}

/** The gap nearest to a point of the row at its height. @returns null without pictures */
export function gapAt(layout: JustifiedLayout, x: number, y: number): Gap | null {
  const row = rowAt(layout, y);
  const boxes = row < 0 ? [] : rowBoxes(layout, row);
  const last = boxes.at(-1);
  if (!last) return null;
  const at = boxes.findIndex((box) => x < middleOf(box));
  const next = at < 0 ? null : boxes[at];
  const edge = next ? next.left : last.left + last.width + layout.gap;
  return {
    place: (layout.firsts[row] ?? 0) + (at < 0 ? boxes.length : at),
    left: edge - layout.gap / 2,
    top: last.top,
    height: last.height,
  };
}

/** The picture above or below: the one whose middle lies nearest. @returns `place` itself at the edge */
export function verticalNeighbour(
  layout: JustifiedLayout,
  place: number,
  direction: 1 | -1,
): number {
  const row = rowOf(layout, place);
  return row < 0 ? place : nearestOfRow(layout, place, row + direction);
}

/** As far up or down as `distance` reaches, but at least one row. CSS pixels, negative for up. */
export function pageNeighbour(layout: JustifiedLayout, place: number, distance: number): number {
  const row = rowOf(layout, place);
  if (row < 0) return place;
  const target = rowAt(layout, (layout.tops[row] ?? 0) + distance);
  const step = distance > 0 ? Math.max(target, row + 1) : Math.min(target, row - 1);
  return nearestOfRow(layout, place, Math.min(layout.rows - 1, Math.max(0, step)));
}

function nearestOfRow(layout: JustifiedLayout, place: number, toRow: number): number {
  const fromRow = rowOf(layout, place);
  if (toRow < 0 || toRow >= layout.rows || fromRow < 0) return place;
  const from = rowBoxes(layout, fromRow)[place - (layout.firsts[fromRow] ?? 0)];
  const target = from ? middleOf(from) : 0;
  const distances = rowBoxes(layout, toRow).map((box) => Math.abs(middleOf(box) - target));
  return (layout.firsts[toRow] ?? 0) + distances.indexOf(Math.min(...distances));
}

function middleOf({ left, width }: Box): number {
  return left + width / 2;
}

function ratioOf(shapes: Shapes, place: number): number {
  return Math.min(widestRatio, Math.max(1 / widestRatio, shapes.ratioAt(place)));
}

function fittingHeight(ratioSum: number, count: number, width: number, gap: number): number {
  return ratioSum > 0 ? (width - (count - 1) * gap) / ratioSum : Number.POSITIVE_INFINITY;
}

/** @returns the last of the first `count` values that is at most `limit`; −1 where none is */
function lastAtMost(sorted: Uint32Array | Float64Array, count: number, limit: number): number {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}
