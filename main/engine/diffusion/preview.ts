/**
 * Latents to colours, fast enough for every step: one matrix per pixel, at latent resolution.
 *
 * The matrix comes from the model's maker, or is fitted by least squares to the first picture that
 * was decoded. Source of the idea: a linear map explains most of a latent space's colours.
 */
import { z } from 'zod';

/** rgb = latent · matrix + bias, colours in −1 … 1. */
export const PreviewFactors = z.object({
  /** [channels][3] */
  matrix: z.array(z.tuple([z.number(), z.number(), z.number()])),
  bias: z.tuple([z.number(), z.number(), z.number()]),
});
export type PreviewFactors = z.infer<typeof PreviewFactors>;

export interface PreviewImage {
  readonly width: number;
  readonly height: number;
  /** [height · width · 3] */
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** Latents of SD 1 and 2 and all models that share their autoencoder, as measured for ComfyUI. */
const stableDiffusionFactors: PreviewFactors = {
  matrix: [
    [0.3512, 0.2297, 0.3227],
    [0.325, 0.4974, 0.235],
    [-0.2829, 0.1762, 0.2721],
    [-0.212, -0.2616, -0.7177],
  ],
  bias: [0, 0, 0],
};
const stableDiffusionScaling = 0.18215;

/** For latents of which nothing is known: the first channel as brightness. */
const firstChannelFactors: PreviewFactors = { matrix: [[0.3, 0.3, 0.3]], bias: [0, 0, 0] };

/** Share of the guess in the fit: what the picture says little about stays as it was guessed. */
const ridge = 1e-3;

/** What to show before a first picture was decoded. */
export function guessPreviewFactors(latentChannels: number, scalingFactor: number): PreviewFactors {
  return latentChannels === 4 && scalingFactor === stableDiffusionScaling
    ? stableDiffusionFactors
    : firstChannelFactors;
}

/** @param latents f32 [C,h,w], as the UNet sees them */
export function previewOf(
  latents: Float32Array,
  width: number,
  height: number,
  { matrix, bias }: PreviewFactors,
): PreviewImage {
  const area = width * height;
  const weights = matrix.flat();
  const rgb = new Uint8Array(area * 3);
  for (let pixel = 0; pixel < area; pixel += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      let value = bias[colour] ?? 0;
      for (let channel = 0; channel < matrix.length; channel += 1)
        value += (latents[channel * area + pixel] ?? 0) * (weights[channel * 3 + colour] ?? 0);
      rgb[pixel * 3 + colour] = Math.round(Math.min(Math.max((value + 1) * 127.5, 0), 255));
    }
  }
  return { width, height, rgb };
}

/**
 * Fits factors to one decoded picture.
 * @param latents f32 [C,h,w], as the UNet sees them
 * @param rgb u8 [height·factor · width·factor · 3], their picture
 * @param guess kept where the picture does not decide, e.g. in channels that did not vary
 */
export function fitPreviewFactors(
  latents: Float32Array,
  width: number,
  height: number,
  rgb: Uint8Array,
  factor: number,
  guess: PreviewFactors,
): PreviewFactors {
  const area = width * height;
  const channels = latents.length / area;
  const unknowns = channels + 1;
  const means = blockMeans(rgb, width, height, factor);
  // Normal equations, one row and column per channel and the last for the bias.
  const normal = Array.from({ length: unknowns }, (_, row) =>
    Array.from({ length: unknowns }, (_, column) =>
      row === column && row < channels ? ridge * area : 0,
    ),
  );
  const right = Array.from({ length: unknowns }, (_, row) =>
    [0, 1, 2].map((colour) => ridge * area * (guess.matrix[row]?.[colour] ?? 0)),
  );
  for (let pixel = 0; pixel < area; pixel += 1) {
    const sample = (index: number) =>
      index === channels ? 1 : (latents[index * area + pixel] ?? 0);
    for (let row = 0; row < unknowns; row += 1) {
      const own = sample(row);
      const normalRow = normal[row] ?? [];
      for (let column = 0; column < unknowns; column += 1)
        normalRow[column] = (normalRow[column] ?? 0) + own * sample(column);
      const rightRow = right[row] ?? [];
      for (let colour = 0; colour < 3; colour += 1) {
        rightRow[colour] = (rightRow[colour] ?? 0) + own * (means[pixel * 3 + colour] ?? 0);
      }
    }
  }
  const solution = solve(normal, right);
  const rowOf = (index: number): [number, number, number] => {
    const [red = 0, green = 0, blue = 0] = solution[index] ?? [];
    return [red, green, blue];
  };
  return {
    matrix: Array.from({ length: channels }, (_, channel) => rowOf(channel)),
    bias: rowOf(channels),
  };
}

/** @returns f64 [height · width · 3], the mean colour of every block of factor × factor pixels, −1 … 1 */
function blockMeans(rgb: Uint8Array, width: number, height: number, factor: number): Float64Array {
  const means = new Float64Array(width * height * 3);
  const stride = width * factor;
  for (let y = 0; y < height * factor; y += 1) {
    for (let x = 0; x < stride; x += 1) {
      const block = (Math.floor(y / factor) * width + Math.floor(x / factor)) * 3;
      for (let colour = 0; colour < 3; colour += 1) {
        means[block + colour] =
          (means[block + colour] ?? 0) +
          ((rgb[(y * stride + x) * 3 + colour] ?? 0) / 127.5 - 1) / factor ** 2;
      }
    }
  }
  return means;
}

/** Gauss-Jordan elimination of a symmetric positive definite system; changes its arguments. */
function solve(matrix: number[][], right: number[][]): number[][] {
  for (const [pivot, pivotRow] of matrix.entries()) {
    const scale = pivotRow[pivot] || 1;
    const pivotRight = right[pivot] ?? [];
    for (let column = 0; column < pivotRow.length; column += 1)
      pivotRow[column] = (pivotRow[column] ?? 0) / scale;
    for (let column = 0; column < pivotRight.length; column += 1)
      pivotRight[column] = (pivotRight[column] ?? 0) / scale;
    for (const [row, other] of matrix.entries()) {
      const share = other[pivot] ?? 0;
      if (row === pivot || share === 0) continue;
      for (let column = 0; column < other.length; column += 1)
        other[column] = (other[column] ?? 0) - share * (pivotRow[column] ?? 0);
      const otherRight = right[row] ?? [];
      for (let column = 0; column < otherRight.length; column += 1) {
        otherRight[column] = (otherRight[column] ?? 0) - share * (pivotRight[column] ?? 0);
      }
    }
  }
  return right;
}
