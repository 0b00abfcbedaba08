/**
 * ControlNets for UNets, which read the picture's pixels.
 * Source: Zhang et al. 2023, arXiv:2302.05543
 */
import path from 'node:path';
import { z } from 'zod';
import type { ControlFolder } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Value } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { inputSpec, realTensor } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { readModelJson } from '../model-files.ts';
import { cut, scaledRectangle } from '../tiles.ts';
import { fitFeed, realValuesOf } from './control-feeds.ts';
import { repeatRows, type ControlReader } from './control-net.ts';

const UnetShape = z.object({
  _class_name: z.string().default('ControlNetModel'),
  block_out_channels: z.array(z.number()).default([]),
  cross_attention_dim: z.union([z.number(), z.array(z.number())]).default(1280),
});

/** @throws {StudioError} `bad-request` for one of another family; `model-invalid` naming the file */
export async function readUnetControl(
  model: ImageModel,
  folder: ControlFolder,
): Promise<ControlReader> {
  await checkFamily(model, folder);
  const { spatialFactor, latentChannels } = model;

  return {
    async feedsOf({ session, feeds, view, pixels }) {
      const own: Record<string, Tensor | Value> = {};
      const sample = await realValuesOf(feeds['sample']);
      const [batch = 1, channels = 0, height = 0, width = 0] = sample.dims;
      inputSpec(session, 'controlnet_cond');
      for (const spec of session.inputs) {
        const feed = feeds[spec.name];
        if (spec.name === 'sample') {
          // An inpainting model's sample holds more than latents.
          const latents = firstChannels(sample.values, batch, channels, latentChannels);
          own['sample'] = realTensor(spec, latents, [batch, latentChannels, height, width]);
        } else if (spec.name === 'controlnet_cond') {
          const tile = scaledRectangle(view.tile, spatialFactor);
          const whole = {
            width: view.whole.width * spatialFactor,
            height: view.whole.height * spatialFactor,
          };
          const shown = cut(await pixels(whole), whole.width, whole.height, tile);
          const dims = [batch, 3, tile.height, tile.width];
          own[spec.name] = realTensor(spec, repeatRows(shown, batch), dims);
        } else if (spec.name === 'conditioning_scale') {
          own[spec.name] = realTensor(spec, Float32Array.of(1), spec.dims.length === 0 ? [] : [1]);
        } else if (feed) own[spec.name] = await fitFeed(spec, feed);
      }
      return own;
    },
    sources(outputs, residuals) {
      const down = outputs.filter((name) => !name.includes('mid'));
      const mid = outputs.find((name) => name.includes('mid'));
      if (mid === undefined || down.length !== residuals.length - 1) return null;
      return new Map([
        ...down.map((name, index) => [`control.down.${index}`, name] as const),
        ['control.mid', mid] as const,
      ]);
    },
  };
}

async function checkFamily(model: ImageModel, { name, folder }: ControlFolder): Promise<void> {
  const file = path.join(folder, 'config.json');
  const own = await readModelJson(file, UnetShape);
  if (/^(?:SD3|Flux)ControlNet/.test(own._class_name)) {
    throw new StudioError(
      'bad-request',
      `The ControlNet "${name}" is of another family than the model "${model.id}": it is a ${own._class_name}, which steers a transformer, and the model has a UNet. Choose a ControlNet that was made for this model.`,
      { id: name, file },
    );
  }
  const unet = await readModelJson(
    path.join(path.dirname(model.graphs.denoiser), 'config.json'),
    UnetShape,
  );
  const differs = (
    [
      ['block_out_channels', 'channels per block'],
      ['cross_attention_dim', 'width of the prompt’s embeddings'],
    ] as const
  ).find(([field]) => String(own[field]) !== String(unet[field]));
  if (!differs) return;
  const [field, words] = differs;
  throw new StudioError(
    'bad-request',
    `The ControlNet "${name}" is of another family than the model "${model.id}": its ${words} (${field}) are ${String(own[field])}, the model's ${String(unet[field])}. Choose a ControlNet that was made for this model.`,
    { id: name, file },
  );
}

function firstChannels(
  values: Float32Array,
  batch: number,
  channels: number,
  wanted: number,
): Float32Array {
  if (channels === wanted) return values;
  const area = values.length / batch / channels;
  const latents = new Float32Array(batch * wanted * area);
  for (let row = 0; row < batch; row += 1) {
    const start = row * channels * area;
    latents.set(values.subarray(start, start + wanted * area), row * wanted * area);
  }
  return latents;
}
