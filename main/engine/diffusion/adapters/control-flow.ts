/**
 * ControlNets for the transformers of Stable Diffusion 3 and Flux, which read the picture's latents and steer
 * what blocks hand on. One with fewer blocks than the transformer steers several with each, as in diffusers'
 * SD3Transformer2DModel and FluxTransformer2DModel.
 */
import path from 'node:path';
import { z } from 'zod';
import type { ControlFolder } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Value } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { FlowTransformer } from '../flow-transformer.ts';
import { inputSpec, realTensor } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { readModelJson } from '../model-files.ts';
import { packLatents } from '../pipelines/pack-latents.ts';
import { cut } from '../tiles.ts';
import { fitFeed, numberFor } from './control-feeds.ts';
import { repeatRows, type ControlReader } from './control-net.ts';

const ControlConfig = z.object({
  _class_name: z.string().default('ControlNetModel'),
  num_attention_heads: z.number().nullish(),
  attention_head_dim: z.union([z.number(), z.array(z.number())]).nullish(),
  joint_attention_dim: z.number().nullish(),
  pooled_projection_dim: z.number().nullish(),
  guidance_embeds: z.boolean().default(false),
  num_mode: z.number().nullish(),
  conditioning_embedding_channels: z.number().nullish(),
  use_pos_embed: z.boolean().default(true),
  extra_conditioning_channels: z.number().nullish(),
  force_zeros_for_pooled_projection: z.boolean().default(true),
});
type ControlConfig = z.infer<typeof ControlConfig>;

const className = { sd3: 'SD3ControlNetModel', flux: 'FluxControlNetModel' } as const;

/**
 * @param guidanceScale of the picture, for those distilled with guidance
 * @throws {StudioError} `bad-request` for one of another family, `unsupported` for one that reads more than
 *   the picture; `model-invalid` naming the file
 */
export async function readFlowControl(
  model: ImageModel,
  flow: FlowTransformer,
  folder: ControlFolder,
  guidanceScale: number,
): Promise<ControlReader> {
  const config = await readModelJson(path.join(folder.folder, 'config.json'), ControlConfig);
  const transformer = await readModelJson(
    path.join(path.dirname(model.graphs.denoiser), 'config.json'),
    ControlConfig,
  );
  checkFamily(model, flow, folder, config, transformer);
  const { latentChannels, spatialFactor, scalingFactor, shiftFactor } = model;
  const zeroesPooled = flow.kind === 'sd3' && config.force_zeros_for_pooled_projection;
  // Where the prompt as a whole is told as zeros, latents are not shifted either.
  const unshift = zeroesPooled ? shiftFactor * scalingFactor : 0;

  return {
    async feedsOf({ session, feeds, view, latents }) {
      const own: Record<string, Tensor | Value> = {};
      const { tile, whole } = view;
      const [batch = 1] = feeds['hidden_states']?.dims ?? [];
      inputSpec(session, 'controlnet_cond');
      for (const spec of session.inputs) {
        const feed = feeds[spec.name];
        if (spec.name === 'controlnet_cond') {
          const size = { width: whole.width * spatialFactor, height: whole.height * spatialFactor };
          const all = await latents(size);
          const part = cut(all, whole.width, whole.height, tile).map((value) => value + unshift);
          own[spec.name] =
            flow.kind === 'flux'
              ? realTensor(spec, repeatRows(packLatents(part, tile), batch), [
                  batch,
                  (tile.width * tile.height) / flow.patchSize ** 2,
                  latentChannels * flow.patchSize ** 2,
                ])
              : realTensor(spec, repeatRows(part, batch), [
                  batch,
                  latentChannels,
                  tile.height,
                  tile.width,
                ]);
        } else if (spec.name === 'conditioning_scale') own[spec.name] = numberFor(spec, 1, 1);
        else if (spec.name === 'guidance') own[spec.name] = numberFor(spec, guidanceScale, batch);
        else if (spec.name === 'pooled_projections' && zeroesPooled && feed) {
          const { dims } = feed;
          const size = dims.reduce((product, dim) => product * dim, 1);
          own[spec.name] = realTensor(spec, new Float32Array(size), dims);
        } else if (feed) own[spec.name] = await fitFeed(spec, feed);
      }
      return own;
    },

    sources(outputs, residuals) {
      const single = outputs.filter((name) => name.includes('single'));
      const double = outputs.filter((name) => !name.includes('single'));
      const blocks = residuals.filter((name) => name.startsWith('control.block.'));
      const singles = residuals.filter((name) => name.startsWith('control.single.'));
      if (single.length > singles.length) return null;
      // Nothing is added behind the last block of Stable Diffusion 3, which counts all the same.
      const count = blocks.length + (flow.kind === 'sd3' ? 1 : 0);
      if (double.length > count) return null;
      const share = (block: number, blockCount: number, made: number) =>
        flow.kind === 'sd3'
          ? Math.floor(block / (blockCount / made))
          : Math.floor(block / Math.ceil(blockCount / made));
      const sources = new Map<string, string>();
      for (const block of blocks.keys()) {
        const source = double[share(block, count, double.length)];
        if (source !== undefined) sources.set(`control.block.${block}`, source);
      }
      for (const block of singles.keys()) {
        const source = single[share(block, singles.length, single.length)];
        if (source !== undefined) sources.set(`control.single.${block}`, source);
      }
      return sources.size > 0 ? sources : null;
    },
  };
}

function checkFamily(
  model: ImageModel,
  { kind }: FlowTransformer,
  { name, folder }: ControlFolder,
  config: ControlConfig,
  transformer: ControlConfig,
): void {
  const file = path.join(folder, 'config.json');
  const wanted = className[kind];
  const otherFamily = (why: string) =>
    new StudioError(
      'bad-request',
      `The ControlNet "${name}" is of another family than the model "${model.id}": ${why}. Choose a ControlNet that was made for this model.`,
      { id: name, file },
    );
  if (config._class_name !== wanted)
    throw otherFamily(`it is a ${config._class_name}, and the model takes a ${wanted}`);
  const unread =
    typeof config.num_mode === 'number'
      ? 'is told which of several kinds of picture it is given (num_mode)'
      : typeof config.conditioning_embedding_channels === 'number'
        ? 'reads pixels in place of latents (conditioning_embedding_channels)'
        : !config.use_pos_embed
          ? 'has no places of its own (use_pos_embed)'
          : (config.extra_conditioning_channels ?? 0) > 0
            ? 'reads a mask beside the picture (extra_conditioning_channels)'
            : null;
  if (unread !== null) {
    throw new StudioError(
      'unsupported',
      `The ControlNet "${name}" ${unread}, which the studio cannot give it. Choose one that reads a picture alone.`,
      { id: name, file },
    );
  }
  const width = (own: ControlConfig) =>
    (own.num_attention_heads ?? 0) * Number(own.attention_head_dim ?? 0);
  if (width(config) !== width(transformer))
    throw otherFamily(
      `its layers are ${width(config)} wide (num_attention_heads · attention_head_dim), the model's ${width(transformer)}`,
    );
  for (const field of ['joint_attention_dim', 'pooled_projection_dim'] as const)
    if (config[field] !== transformer[field])
      throw otherFamily(
        `its ${field} is ${String(config[field])}, the model's ${String(transformer[field])}`,
      );
}
