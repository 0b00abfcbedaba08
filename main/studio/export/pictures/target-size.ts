/** How large a picture becomes. */
import type { ExportSize } from '../../../../contract/exports.ts';

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

export interface TargetSize extends PixelSize {
  /** Whether the shape changes, so that something is cut off. */
  readonly crops: boolean;
}

/**
 * @param enlarges whether a picture may become larger than it is
 * @returns whole pixels, at least 1 × 1; the ratio is kept as well as whole pixels can
 */
export function targetSize(source: PixelSize, size: ExportSize, enlarges: boolean): TargetSize {
  if (size.mode === 'fill') return filled(source, size, enlarges);
  const wanted = scaleOf(source, size);
  const scale = enlarges ? wanted : Math.min(1, wanted);
  return {
    width: Math.max(1, Math.round(source.width * scale)),
    height: Math.max(1, Math.round(source.height * scale)),
    crops: false,
  };
}

function scaleOf(
  { width, height }: PixelSize,
  size: Exclude<ExportSize, { mode: 'fill' }>,
): number {
  switch (size.mode) {
    case 'none':
      return 1;
    case 'fit':
      return Math.min(size.width / width, size.height / height);
    case 'long-edge':
      return size.pixels / Math.max(width, height);
    case 'short-edge':
      return size.pixels / Math.min(width, height);
    case 'scale':
      return size.percent / 100;
    case 'megapixels':
      return Math.sqrt((size.megapixels * 1_000_000) / (width * height));
    default:
      return size satisfies never;
  }
}

/** The shape asked for, as large as the picture allows. */
function filled(source: PixelSize, bounds: PixelSize, enlarges: boolean): TargetSize {
  const least = Math.min(source.width / bounds.width, source.height / bounds.height);
  const scale = enlarges ? 1 : Math.min(1, least);
  const width = Math.max(1, Math.round(bounds.width * scale));
  const height = Math.max(1, Math.round(bounds.height * scale));
  return {
    width,
    height,
    crops: Math.round(source.width * (height / source.height)) !== width,
  };
}
