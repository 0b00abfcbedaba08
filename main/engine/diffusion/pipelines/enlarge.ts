/**
 * Larger pictures without denoising: by a filter, or by an upscaler model whose input is
 * [1,3,height,width], 0 … 1, and whose output is a whole multiple of that size.
 * Source: Wang et al. 2018, arXiv:1809.00219 (ESRGAN)
 */
import { StudioError } from '../../../../contract/errors.ts';
import { latentUpscalerNames, pixelUpscalerNames } from '../../../../contract/image-options.ts';
import type { Session, SessionPool } from '../../session.ts';
import { realTensor, takeReal } from '../graph-tensors.ts';
import { cropPicture } from '../pixels/canvas.ts';
import { fromPlanar, toPlanar, type Picture } from '../pixels/picture.ts';
import { resizePicture } from '../pixels/resize.ts';
import { runInTiles } from '../tiles.ts';
import type { RunClock } from './run-clock.ts';

export interface EnlargeOptions {
  readonly pool: SessionPool;
  readonly clock: RunClock;
  readonly signal: AbortSignal;
  /** Side of a tile, pixels. */
  readonly tilePixels?: number;
}

const defaultTilePixels = 192;
/** Share of a tile that overlaps its neighbour: more than what such a model sees around a pixel matters. */
const tileOverlap = 0.2;
/** Some models begin by folding pixels of four by four into channels. */
const sideMultiple = 4;
/** Larger pictures would need many gigabytes. */
const maxArea = 8192 ** 2;

/**
 * @param upscaler one of `pixelUpscalerNames`, or what the user calls the model in `file`
 * @returns the picture at exactly the size asked for
 * @throws {StudioError} `bad-request` if there is no such upscaler, `too-large`, `model-invalid`
 */
export async function enlarge(
  picture: Picture,
  size: { readonly width: number; readonly height: number },
  upscaler: string,
  file: string | null,
  options: EnlargeOptions,
): Promise<Picture> {
  const method = pixelUpscalerNames.find((name) => name === upscaler);
  if (size.width * size.height > maxArea) throw tooLarge(size);
  if (method) return resizePicture(picture, size.width, size.height, method);
  if (file === null) {
    throw new StudioError(
      'bad-request',
      `There is no upscaler "${upscaler}". Choose ${pixelUpscalerNames.join(', ')}, an installed upscaler, or for a second pass ${latentUpscalerNames.join(', ')}.`,
    );
  }
  const { pool, signal } = options;
  await using lease = await pool.borrow(upscaler, file, { signal });
  const larger = await runUpscaler(lease.session, picture, file, options);
  return resizePicture(larger, size.width, size.height);
}

async function runUpscaler(
  session: Session,
  picture: Picture,
  file: string,
  { clock, signal, tilePixels = defaultTilePixels }: EnlargeOptions,
): Promise<Picture> {
  const [input] = session.inputs;
  const [output] = session.outputs;
  if (!input || !output || input.dims.length !== 4) throw notAnUpscaler(file);
  const [, , fixedHeight, fixedWidth] = input.dims;
  const fixed = typeof fixedHeight === 'number' && fixedHeight > 0 ? fixedHeight : null;
  if (fixed !== null && fixedWidth !== fixed) throw notAnUpscaler(file);
  const side = fixed ?? tilePixels;

  const run = async (part: Float32Array, width: number, height: number) => {
    const outputs = await clock.measure(session, () =>
      session.run({ [input.name]: realTensor(input, part, [1, 3, height, width]) }, { signal }),
    );
    return takeReal(outputs[output.name], output.name, [1, 3, null, null]);
  };
  const probe = fixed ?? 4 * sideMultiple;
  const { dims } = await run(new Float32Array(3 * probe * probe), probe, probe);
  const scale = (dims[2] ?? 0) / probe;
  if (!Number.isInteger(scale) || scale < 1 || dims[3] !== dims[2]) throw notAnUpscaler(file);

  // The edge is repeated up to a size that the graph takes, and cut off again.
  const padded = (length: number) =>
    Math.max(fixed ?? 0, Math.ceil(length / sideMultiple) * sideMultiple);
  const width = padded(picture.width);
  const height = padded(picture.height);
  const whole = { width: width * scale, height: height * scale };
  if (whole.width * whole.height > maxArea) throw tooLarge(whole);
  const planar = toPlanar(cropPicture(picture, { left: 0, top: 0, width, height }));
  const enlarged = await runInTiles(
    planar.map((value) => value / 2 + 0.5),
    width / sideMultiple,
    height / sideMultiple,
    {
      side: Math.max(1, Math.floor(side / sideMultiple)),
      overlap: tileOverlap,
      inScale: sideMultiple,
      outScale: sideMultiple * scale,
      signal,
      run: async (part, tile) =>
        (await run(part, tile.width * sideMultiple, tile.height * sideMultiple)).values,
    },
  );
  const rgb = fromPlanar(enlarged.map((value) => value * 2 - 1));
  return cropPicture(
    { ...whole, rgb },
    { left: 0, top: 0, width: picture.width * scale, height: picture.height * scale },
  );
}

function notAnUpscaler(file: string): StudioError {
  return new StudioError(
    'model-invalid',
    `"${file}" is not an upscaler: it must take a picture as [1, 3, height, width] and give a whole multiple of its size. Choose another file.`,
    { file },
  );
}

function tooLarge(size: { readonly width: number; readonly height: number }): StudioError {
  return new StudioError(
    'too-large',
    `The upscaled picture would be ${size.width} × ${size.height} pixels on the way; at most 8192 × 8192 are possible. Lower the scale or choose a model that enlarges less.`,
    { ...size },
  );
}
