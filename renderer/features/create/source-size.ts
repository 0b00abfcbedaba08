/** Sizes and words about the picture that drawing starts from. */
import type { Source } from '../../../contract/image-options.ts';
import { imageLimits } from '../../../contract/image-request.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The picture with what is added to it, at the nearest size that the model can paint. Pixels. */
export function extendedSize(
  { width, height }: Size,
  { left, top, right, bottom }: NonNullable<Source['extend']>,
  spatialFactor: number,
): Size {
  const multiple = Math.max(8, spatialFactor);
  const side = (pixels: number) => {
    const nearest = Math.max(1, Math.round(pixels / multiple)) * multiple;
    return Math.min(imageLimits.maxSide, Math.max(imageLimits.minSide, nearest));
  };
  return { width: side(width + left + right), height: side(height + top + bottom) };
}

/** What is set, for a folded panel. */
export function sourceSummary(source: Source | null): string | null {
  if (!source) return null;
  const parts = [`${Math.round(source.strength * 100)} % anew`];
  if (source.mask) parts.push('masked');
  if (source.extend) parts.push('extended');
  return parts.join(' · ');
}
