/**
 * Rows of pictures that all end at the same edge, as a newspaper sets its columns. Pure.
 *
 * Promises: every picture keeps its shape within a pixel; every row but the last is exactly as
 * wide as asked for; the same input gives the same rows.
 */
export interface Shape {
  readonly width: number;
  readonly height: number;
}

export interface LayoutRow {
  /** Index of the row's first picture. */
  readonly first: number;
  readonly count: number;
  readonly top: number;
  readonly height: number;
  /** Widths of its pictures, CSS pixels. */
  readonly widths: readonly number[];
}

export interface JustifiedOptions {
  readonly width: number;
  readonly rowHeight: number;
  readonly gap: number;
  /** How many more square places follow the known pictures. */
  readonly placeholders: number;
}

/** Panoramas and columns are cropped to this, so that one of them cannot fill the screen or vanish. */
const widestRatio = 4;

export function justifiedLayout(shapes: readonly Shape[], options: JustifiedOptions): LayoutRow[] {
  const { width, rowHeight, gap, placeholders } = options;
  const rows: LayoutRow[] = [];
  const total = shapes.length + placeholders;
  if (width <= 0) return rows;
  let top = 0;
  let first = 0;
  while (first < total) {
    let ratioSum = 0;
    let count = 0;
    // A row is full once its pictures, at the wanted height, reach the edge.
    while (first + count < total && ratioSum * rowHeight + Math.max(0, count - 1) * gap < width) {
      const ratio = ratioOf(shapes[first + count]);
      const without = Math.abs(rowHeight - fittingHeight(ratioSum, count, width, gap));
      const within = Math.abs(rowHeight - fittingHeight(ratioSum + ratio, count + 1, width, gap));
      // Taking one more may miss the wanted height by more than leaving it out.
      if (count > 0 && (ratioSum + ratio) * rowHeight + count * gap > width && without < within)
        break;
      ratioSum += ratio;
      count += 1;
    }
    const isLast = first + count >= total;
    const fitting = fittingHeight(ratioSum, count, width, gap);
    // The last row is not stretched when it is short of pictures.
    const height = isLast ? Math.min(rowHeight, fitting) : fitting;
    const widths = widthsOf(
      shapes,
      first,
      count,
      height,
      isLast && fitting > rowHeight ? null : width - (count - 1) * gap,
    );
    rows.push({ first, count, top, height: Math.round(height), widths });
    top += Math.round(height) + gap;
    first += count;
  }
  return rows;
}

export function layoutHeight(rows: readonly LayoutRow[]): number {
  const last = rows.at(-1);
  return last ? last.top + last.height : 0;
}

/** @returns the index of the row that holds a picture, by bisection; −1 if none does */
export function rowOf(rows: readonly LayoutRow[], index: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (!row) return -1;
    if (index < row.first) high = middle - 1;
    else if (index >= row.first + row.count) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** The picture above or below: the one whose middle lies nearest. @returns `index` itself at the edge */
export function verticalNeighbour(
  rows: readonly LayoutRow[],
  index: number,
  direction: 1 | -1,
  gap: number,
): number {
  const rowIndex = rowOf(rows, index);
  const from = rows[rowIndex];
  const to = rows[rowIndex + direction];
  if (!from || !to) return index;
  const target = middleOf(from, index - from.first, gap);
  let best = 0;
  for (let place = 1; place < to.count; place += 1) {
    if (Math.abs(middleOf(to, place, gap) - target) < Math.abs(middleOf(to, best, gap) - target))
      best = place;
  }
  return to.first + best;
}

function middleOf(row: LayoutRow, place: number, gap: number): number {
  let left = 0;
  for (let before = 0; before < place; before += 1) left += (row.widths[before] ?? 0) + gap;
  return left + (row.widths[place] ?? 0) / 2;
}

function ratioOf(shape: Shape | undefined): number {
  if (!shape || shape.width <= 0 || shape.height <= 0) return 1;
  return Math.min(widestRatio, Math.max(1 / widestRatio, shape.width / shape.height));
}

function fittingHeight(ratioSum: number, count: number, width: number, gap: number): number {
  return ratioSum > 0 ? (width - (count - 1) * gap) / ratioSum : Number.POSITIVE_INFINITY;
}

/** Whole pixels that add up to `sum`: rounding errors are carried along, not collected at the end. */
function widthsOf(
  shapes: readonly Shape[],
  first: number,
  count: number,
  height: number,
  sum: number | null,
): number[] {
  const widths: number[] = [];
  let exact = 0;
  let used = 0;
  for (let place = 0; place < count; place += 1) {
    exact += ratioOf(shapes[first + place]) * height;
    const end = sum !== null && place === count - 1 ? Math.round(sum) : Math.round(exact);
    widths.push(end - used);
    used = end;
  }
  return widths;
}
