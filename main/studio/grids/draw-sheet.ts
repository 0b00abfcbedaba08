/**
 * The sheet of a grid: all its pictures side by side, with labels along columns, rows and blocks.
 *
 * Promises: pictures keep their relative sizes and are made smaller together where the sheet would
 * grow too large; long labels are wrapped, and a picture that is gone leaves its place empty.
 */
import sharp from 'sharp';
import { createCanvas, type Canvas } from './canvas.ts';
import { drawLabel, type Label } from './label.ts';

export interface SheetContent {
  /** Along columns, rows and blocks; see `GridPlan`. */
  readonly labels: readonly [readonly string[], readonly string[], readonly string[]];
  /** Picture files row by row, block by block; null for one that is gone. */
  readonly files: readonly (string | null)[];
}

export interface SheetPicture {
  /** RGB bytes, row by row. */
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const mostPixels = 32_000_000;
const smallestCell = 96;
const fontPx = { smallest: 12, largest: 28, perCell: 1 / 15 } as const;

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Layout extends Size {
  readonly cell: Size;
  readonly gap: number;
  readonly rowLabelWidth: number;
  readonly columnLabelHeight: number;
  /** Heights of the labels above blocks, 0 where there are none. */
  readonly blockLabelHeight: number;
  readonly labels: readonly [readonly Label[], readonly Label[], readonly Label[]];
}

/** @throws {Error} of the file system where a picture cannot be read */
export async function drawSheet(content: SheetContent, signal: AbortSignal): Promise<SheetPicture> {
  const sizes: (Size | null)[] = [];
  for (const file of content.files) {
    signal.throwIfAborted();
    sizes.push(file === null ? null : await sharp(file).metadata());
  }
  const largest = {
    width: Math.max(64, ...sizes.map((size) => size?.width ?? 0)),
    height: Math.max(64, ...sizes.map((size) => size?.height ?? 0)),
  };
  let scale = 1;
  let layout = await layOut(content.labels, largest, scale);
  while (layout.width * layout.height > mostPixels) {
    scale *= Math.sqrt(mostPixels / (layout.width * layout.height)) * 0.98;
    layout = await layOut(content.labels, largest, scale);
  }
  const canvas = await createCanvas(layout.width, layout.height);
  drawLabels(canvas, layout);
  for (const [place, file] of content.files.entries()) {
    signal.throwIfAborted();
    const size = sizes[place];
    if (file === null || !size) continue;
    const width = Math.max(1, Math.round(size.width * scale));
    const height = Math.max(1, Math.round(size.height * scale));
    const { data } = await sharp(file)
      .resize({ width, height, fit: 'fill' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { x, y } = cellCorner(layout, place);
    canvas.putRgb(
      { rgb: data, width, height },
      x + Math.floor((layout.cell.width - width) / 2),
      y + Math.floor((layout.cell.height - height) / 2),
    );
  }
  return { rgb: canvas.rgb, width: layout.width, height: layout.height };
}

async function layOut(
  texts: SheetContent['labels'],
  largest: Size,
  scale: number,
): Promise<Layout> {
  const cell = {
    width: Math.max(smallestCell, Math.round(largest.width * scale)),
    height: Math.max(1, Math.round(largest.height * scale)),
  };
  const gap = Math.max(6, Math.round(cell.width / 48));
  const px = Math.round(
    Math.min(fontPx.largest, Math.max(fontPx.smallest, cell.width * fontPx.perCell)),
  );
  const columns = await labelsOf(texts[0], { maxWidth: cell.width, px, align: 'centre' });
  const rows = await labelsOf(texts[1], {
    maxWidth: Math.max(140, cell.width * 0.7),
    px,
    align: 'right',
  });
  const across = (cell.width + gap) * texts[0].length - gap;
  const blocks = await labelsOf(texts[2], { maxWidth: across, px: px + 2, isBold: true });
  const widest = Math.max(0, ...rows.map(({ width }) => width));
  const tallestRow = Math.max(cell.height, ...rows.map(({ height }) => height));
  const tallest = (labels: readonly Label[]): number => {
    const height = Math.max(0, ...labels.map((label) => label.height));
    return height === 0 ? 0 : height + gap;
  };
  const shape = {
    cell: { ...cell, height: tallestRow },
    gap,
    rowLabelWidth: widest === 0 ? 0 : widest + 2 * gap,
    columnLabelHeight: tallest(columns),
    blockLabelHeight: tallest(blocks),
    labels: [columns, rows, blocks] as const,
  };
  return {
    ...shape,
    width: 2 * margin(gap) + shape.rowLabelWidth + across,
    height: 2 * margin(gap) - spaceBelow(shape) + blockHeight(shape) * texts[2].length,
  };
}

async function labelsOf(
  texts: readonly string[],
  manner: Parameters<typeof drawLabel>[1],
): Promise<readonly Label[]> {
  const labels: Label[] = [];
  for (const text of texts) labels.push(await drawLabel(text, manner));
  return labels;
}

function margin(gap: number): number {
  return 2 * gap;
}

type Shape = Omit<Layout, 'width' | 'height'>;

/** With the space to the next block. */
function blockHeight({ blockLabelHeight, columnLabelHeight, labels, cell, gap }: Shape): number {
  return (
    blockLabelHeight +
    columnLabelHeight +
    (cell.height + gap) * labels[1].length -
    gap +
    spaceBelow({ blockLabelHeight, gap })
  );
}

/** Blocks stand further apart than rows. */
function spaceBelow({ blockLabelHeight, gap }: Pick<Shape, 'blockLabelHeight' | 'gap'>): number {
  return blockLabelHeight === 0 ? gap : 4 * gap;
}

function cellCorner(layout: Layout, place: number): { readonly x: number; readonly y: number } {
  const { labels, cell, gap } = layout;
  const [columns, rows] = [labels[0].length, labels[1].length];
  const row = Math.floor(place / columns) % rows;
  const block = Math.floor(place / (columns * rows));
  return {
    x: margin(gap) + layout.rowLabelWidth + (place % columns) * (cell.width + gap),
    y:
      margin(gap) +
      block * blockHeight(layout) +
      layout.blockLabelHeight +
      layout.columnLabelHeight +
      row * (cell.height + gap),
  };
}

function drawLabels(canvas: Canvas, layout: Layout): void {
  const { cell, gap, labels } = layout;
  const [columns, rows, blocks] = labels;
  for (const [block, blockLabel] of blocks.entries()) {
    const first = cellCorner(layout, block * columns.length * rows.length);
    const top = first.y - layout.columnLabelHeight;
    canvas.putLabel(blockLabel, first.x, top - layout.blockLabelHeight);
    for (const [column, label] of columns.entries()) {
      const x = first.x + column * (cell.width + gap);
      // At the foot of the line, so that short labels are near their pictures too.
      const y = first.y - gap - label.height;
      canvas.putLabel(label, x + Math.floor((cell.width - label.width) / 2), y);
    }
    for (const [row, label] of rows.entries()) {
      const y = first.y + row * (cell.height + gap) + Math.floor((cell.height - label.height) / 2);
      canvas.putLabel(label, first.x - gap - label.width, y);
    }
  }
}
