/** Two pictures over each other. */
import type { ContentHash, ImageId } from '../../../contract/ids.ts';
import type { Source } from '../../../contract/image-options.ts';

export interface Comparison {
  readonly after: ImageId;
  readonly before:
    | { readonly kind: 'image'; readonly id: ImageId }
    /** What `after` was drawn from. */
    | { readonly kind: 'source'; readonly hash: ContentHash };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a picture lies within a frame, shares of the frame's sides. */
export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const wholeFrame: Placement = { left: 0, top: 0, width: 1, height: 1 };

/**
 * Where a source picture lies in what was drawn from it, so that the same things lie over each other.
 * What lies outside the frame was cropped.
 */
export function sourcePlacement(
  picture: Size,
  { extend, fit }: Pick<Source, 'extend' | 'fit'>,
  result: Size,
): Placement {
  const { left, top, right, bottom } = extend ?? { left: 0, top: 0, right: 0, bottom: 0 };
  const whole = { width: picture.width + left + right, height: picture.height + top + bottom };
  const [across, down] = [result.width / whole.width, result.height / whole.height];
  const both = fit === 'crop' ? Math.max(across, down) : Math.min(across, down);
  const scale = fit === 'stretch' ? { x: across, y: down } : { x: both, y: both };
  const margin = {
    x: (result.width - whole.width * scale.x) / 2,
    y: (result.height - whole.height * scale.y) / 2,
  };
  return {
    left: (margin.x + left * scale.x) / result.width,
    top: (margin.y + top * scale.y) / result.height,
    width: (picture.width * scale.x) / result.width,
    height: (picture.height * scale.y) / result.height,
  };
}

/** Another picture is shown whole, in the middle. */
export function containedPlacement(picture: Size, frame: Size): Placement {
  const plain = { extend: null, fit: 'pad' } as const;
  return picture.width * frame.height === picture.height * frame.width
    ? wholeFrame
    : sourcePlacement(picture, plain, frame);
}
