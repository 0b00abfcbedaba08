/** Between pictures and latents, through the model's own autoencoder or another in its place. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { ProviderName } from '../../../../contract/system.ts';
import type { SessionPool } from '../../session.ts';
import type { ImageModel } from '../image-model.ts';
import { readModelJson } from '../model-files.ts';
import { toPlanar, type Picture } from '../pixels/picture.ts';
import { decodeLatents } from '../vae-decoder.ts';
import { encodePixels } from '../vae-encoder.ts';
import type { RunClock } from './run-clock.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Autoencoder {
  /**
   * @param drawNoise for the sample of the posterior; not called where the graph gives no variance
   * @returns new f32 [C, height/factor, width/factor], as the UNet sees them
   */
  encode(picture: Picture, drawNoise: (count: number) => Float32Array): Promise<Float32Array>;
  /** As `encode`, from f32 [3,height,width], −1 … 1. */
  encodePlanar(
    planar: Float32Array,
    size: Size,
    drawNoise: (count: number) => Float32Array,
  ): Promise<Float32Array>;
  /** @param size of the latents */
  decode(
    latents: Float32Array,
    size: Size,
  ): Promise<{ readonly picture: Picture; readonly provider: ProviderName }>;
}

interface Scaling {
  readonly latentChannels: number;
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  readonly spatialFactor: number;
}

const VaeConfig = z.object({
  latent_channels: z.number().int().positive().default(4),
  block_out_channels: z.array(z.number()).min(1),
  scaling_factor: z.number().positive().default(0.18215),
  shift_factor: z.number().nullish(),
});
/** A decoder that was distilled reads latents as the UNet sees them. */
const TinyConfig = z.object({ scaling_factor: z.number().positive().default(1) });

/**
 * @param vaeFolder holds `vae_decoder/` and perhaps `vae_encoder/`; null for the model's own
 * @throws {StudioError} `bad-request` if it does not fit the model, or has no tiny decoder and one is
 *   asked for; `model-invalid`
 */
export async function openAutoencoder(
  pool: SessionPool,
  model: ImageModel,
  decoder: ImageSettings['decoder'],
  vaeFolder: string | null,
  { clock, signal }: { readonly clock: RunClock; readonly signal: AbortSignal },
): Promise<Autoencoder> {
  const folder = vaeFolder ?? path.dirname(path.dirname(model.graphs.vaeDecoder));
  const scaling = vaeFolder === null ? model : await scalingOf(vaeFolder, model);
  const encoderGraph = path.join(folder, 'vae_encoder/model.onnx');
  const decoding =
    decoder === 'tiny'
      ? await tinyDecoderOf(folder, scaling)
      : { graph: path.join(folder, 'vae_decoder/model.onnx'), scaling };

  async function encodePlanar(
    planar: Float32Array,
    { width, height }: Size,
    drawNoise: (count: number) => Float32Array,
  ): Promise<Float32Array> {
    if (!existsSync(encoderGraph)) {
      throw new StudioError(
        'bad-request',
        'This model cannot start from a picture: its folder has no vae_encoder. Choose another model, or draw without an input picture.',
      );
    }
    await using lease = await pool.borrow(model.id, encoderGraph, { signal });
    const { session } = lease;
    return await clock.measure(session, () =>
      encodePixels(session, planar, width, height, { ...scaling, signal, drawNoise }),
    );
  }

  return {
    encodePlanar,
    encode: (picture, drawNoise) => encodePlanar(toPlanar(picture), picture, drawNoise),
    async decode(latents, { width, height }) {
      await using lease = await pool.borrow(model.id, decoding.graph, { signal });
      const { session } = lease;
      const rgb = await clock.measure(session, () =>
        decodeLatents(session, latents, width, height, { ...decoding.scaling, signal }),
      );
      const factor = scaling.spatialFactor;
      return {
        picture: { width: width * factor, height: height * factor, rgb },
        provider: session.provider,
      };
    },
  };
}

async function scalingOf(folder: string, model: ImageModel): Promise<Scaling> {
  const config = await readModelJson(path.join(folder, 'vae_decoder/config.json'), VaeConfig);
  const spatialFactor = 2 ** (config.block_out_channels.length - 1);
  const { latent_channels: latentChannels } = config;
  if (latentChannels !== model.latentChannels || spatialFactor !== model.spatialFactor) {
    throw new StudioError(
      'bad-request',
      `The autoencoder "${folder}" has ${latentChannels} channels at 1/${spatialFactor} of the size, and the model works on ${model.latentChannels} at 1/${model.spatialFactor}. Choose one for this kind of model, or the model's own.`,
      { folder },
    );
  }
  return {
    latentChannels,
    spatialFactor,
    scalingFactor: config.scaling_factor,
    shiftFactor: config.shift_factor ?? 0,
  };
}

async function tinyDecoderOf(
  folder: string,
  own: Scaling,
): Promise<{ readonly graph: string; readonly scaling: Scaling }> {
  const graph = path.join(folder, 'vae_decoder_tiny/model.onnx');
  if (!existsSync(graph)) {
    throw new StudioError(
      'bad-request',
      `There is no tiny decoder "${graph}". Add one, or choose the full decoder.`,
      { file: graph },
    );
  }
  const file = path.join(folder, 'vae_decoder_tiny/config.json');
  const { scaling_factor: scalingFactor } = await readModelJson(file, TinyConfig, {});
  return { graph, scaling: { ...own, scalingFactor, shiftFactor: 0 } };
}
