/** Latents at another size, as `torch.nn.functional.interpolate` without antialiasing and aligned corners. */

export type LatentInterpolation = 'nearest' | 'bilinear' | 'bicubic';

interface Tap {
  readonly index: number;
  readonly weight: number;
}

/**
 * @param latents f32 [C,height,width]; not modified
 * @returns new f32 [C,newHeight,newWidth]
 */
export function interpolateLatents(
  latents: Float32Array,
  from: { readonly width: number; readonly height: number },
  to: { readonly width: number; readonly height: number },
  mode: LatentInterpolation,
): Float32Array {
  const channels = latents.length / (from.width * from.height);
  const columns = tapsOf(from.width, to.width, mode);
  const rows = tapsOf(from.height, to.height, mode);
  const result = new Float32Array(channels * to.width * to.height);
  for (let channel = 0; channel < channels; channel += 1) {
    const start = channel * from.width * from.height;
    for (const [y, rowTaps] of rows.entries()) {
      for (const [x, columnTaps] of columns.entries()) {
        let sum = 0;
        for (const row of rowTaps)
          for (const column of columnTaps)
            sum +=
              row.weight *
              column.weight *
              (latents[start + row.index * from.width + column.index] ?? 0);
        result[(channel * to.height + y) * to.width + x] = sum;
      }
    }
  }
  return result;
}

/** For each position along the new side, what it reads along the old one. */
function tapsOf(from: number, to: number, mode: LatentInterpolation): Tap[][] {
  return Array.from({ length: to }, (_, position) => {
    const clamped = (index: number) => Math.min(Math.max(index, 0), from - 1);
    const centre = (position + 0.5) * (from / to) - 0.5;
    switch (mode) {
      case 'nearest':
        return [{ index: clamped(Math.floor((position * from) / to)), weight: 1 }];
      case 'bilinear': {
        const bounded = Math.max(0, centre);
        const left = Math.floor(bounded);
        const share = bounded - left;
        return [
          { index: clamped(left), weight: 1 - share },
          { index: clamped(left + 1), weight: share },
        ];
      }
      case 'bicubic': {
        const left = Math.floor(centre);
        return [-1, 0, 1, 2].map((offset) => ({
          index: clamped(left + offset),
          weight: cubic(Math.abs(centre - left - offset)),
        }));
      }
      default:
        return mode satisfies never;
    }
  });
}

/** Keys' kernel with a = −0.75. Source: Keys 1981, "Cubic Convolution Interpolation", eq. 4 */
function cubic(distance: number): number {
  const a = -0.75;
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance ** 2 + 1;
  if (distance < 2) return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
  return 0;
}
