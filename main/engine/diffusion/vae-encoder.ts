/** Pixels to latents, whole or in blended tiles. */
import { StudioError } from '../../../contract/errors.ts';
import type { Session } from '../session.ts';
import { inputSpec, realTensor, takeReal } from './graph-tensors.ts';
import { runInTiles } from './tiles.ts';

export interface EncodeOptions {
  readonly latentChannels: number;
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  readonly spatialFactor: number;
  readonly signal: AbortSignal;
  /** Standard normals for the sample of the posterior; not called where the graph gives no variance. */
  drawNoise(count: number): Float32Array;
  /** Pictures up to this many pixels are encoded in one piece. */
  readonly wholePixels?: number;
  /** Side of a tile, pixels. */
  readonly tilePixels?: number;
}

const defaultWholePixels = 768 * 768;
const defaultTilePixels = 512;
/** As exporters name the posterior's mean and logarithmic variance, and a latent alone. */
const outputNames = ['latent_parameters', 'latent_sample'];

/**
 * @param planar f32 [3,height,width], −1 … 1; sides are multiples of the spatial factor; not modified
 * @returns new f32 [C, height/factor, width/factor], as the UNet sees them: a sample of the posterior
 *   N(μ, σ²) where the graph gives both, else what it gives
 * @throws {StudioError} `model-invalid` if the graph is no encoder that fits
 * Source: Kingma and Welling 2013, arXiv:1312.6114, eq. 10, drawn as diffusers draws it
 */
export async function encodePixels(
  session: Session,
  planar: Float32Array,
  width: number,
  height: number,
  options: EncodeOptions,
): Promise<Float32Array> {
  const { spatialFactor: factor, signal, drawNoise } = options;
  const { wholePixels = defaultWholePixels, tilePixels = defaultTilePixels } = options;
  const cells = { width: width / factor, height: height / factor };
  const parameters =
    width * height <= wholePixels
      ? await runEncoder(session, planar, width, height, options)
      : await runInTiles(planar, cells.width, cells.height, {
          side: Math.max(1, Math.round(tilePixels / factor)),
          inScale: factor,
          signal,
          run: (part, tile) =>
            runEncoder(session, part, tile.width * factor, tile.height * factor, options),
        });
  const count = options.latentChannels * cells.width * cells.height;
  const latents = parameters.slice(0, count);
  if (parameters.length === 2 * count) {
    const noise = drawNoise(count);
    for (let index = 0; index < count; index += 1) {
      // Clamped as in diffusers' DiagonalGaussianDistribution.
      const logVariance = Math.min(Math.max(parameters[count + index] ?? 0, -30), 20);
      latents[index] =
        (latents[index] ?? 0) + Math.fround(Math.exp(0.5 * logVariance)) * (noise[index] ?? 0);
    }
  }
  return latents.map((value) => (value - options.shiftFactor) * options.scalingFactor);
}

async function runEncoder(
  session: Session,
  planar: Float32Array,
  width: number,
  height: number,
  { latentChannels, spatialFactor, signal }: EncodeOptions,
): Promise<Float32Array> {
  const name = outputNames.find((own) => session.outputs.some((output) => output.name === own));
  if (!name)
    throw new StudioError(
      'model-invalid',
      `The model's VAE encoder has no output "${outputNames.join('" or "')}". Export it in the diffusers ONNX layout.`,
    );
  const spec = inputSpec(session, 'sample');
  const outputs = await session.run(
    { sample: realTensor(spec, planar, [1, 3, height, width]) },
    { signal, outputs: [name] },
  );
  const shape = [1, null, height / spatialFactor, width / spatialFactor];
  const { values, dims } = await takeReal(outputs[name], name, shape);
  if (dims[1] === latentChannels || dims[1] === 2 * latentChannels) return values;
  throw new StudioError(
    'model-invalid',
    `The VAE encoder makes ${dims[1]} channels, and the model works on ${latentChannels}. The parts of the model do not fit together.`,
  );
}
