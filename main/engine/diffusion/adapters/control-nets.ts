/**
 * ControlNets: networks that read a picture and steer the UNet through its skip connections.
 * Source: Zhang et al. 2023, arXiv:2302.05543; several at once and their share of the steps as in
 * diffusers' StableDiffusionControlNetPipeline.
 */
import path from 'node:path';
import { z } from 'zod';
import type { ControlFolder } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { ControlUse } from '../../../../contract/image-options.ts';
import type { Session, SessionPool, Value, ValueSpec } from '../../session.ts';
import { float16ToFloat32 } from '../../tensor/float16.ts';
import { tensor, type Tensor } from '../../tensor/tensor.ts';
import { inputSpec, realTensor, takeReal, type RealValues } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { readModelJson } from '../model-files.ts';
import { controlPicture } from '../pixels/control-picture.ts';
import type { Picture } from '../pixels/picture.ts';
import { readPicture } from '../pixels/read-picture.ts';
import type { Feeder, Feeds } from './adapted-pool.ts';

export interface ControlNets {
  readonly feeder: Feeder;
  /** To be told before each step, from 1, of how many. */
  moveTo(step: number, steps: number): void;
}

interface ControlNet {
  readonly use: ControlUse;
  readonly folder: ControlFolder;
  readonly graph: string;
  readonly picture: Picture;
  /** f32 [3, height, width], 0 … 1, by the size of the picture that is drawn. */
  readonly conditions: Map<string, Promise<Float32Array>>;
  session: Session | null;
}

const UnetShape = z.object({
  block_out_channels: z.array(z.number()),
  cross_attention_dim: z.union([z.number(), z.array(z.number())]).default(1280),
});

/**
 * @param uses one per folder, in the same order
 * @throws {StudioError} `model-invalid` naming the file, `bad-request` for a ControlNet of another
 *   family, errors of `readPicture`
 */
export async function openControlNets(
  model: ImageModel,
  uses: readonly ControlUse[],
  folders: readonly ControlFolder[],
): Promise<ControlNets> {
  const controls: ControlNet[] = [];
  for (const [index, folder] of folders.entries()) {
    const use = uses[index];
    if (!use || use.weight === 0) continue;
    await checkFamily(model, folder);
    controls.push({
      use,
      folder,
      graph: path.join(folder.folder, 'model.onnx'),
      picture: await readPicture(folder.picture, 'control picture'),
      conditions: new Map(),
      session: null,
    });
  }
  let share = { from: 0, to: 0 };

  return {
    moveTo(step, steps) {
      share = { from: (step - 1) / steps, to: step / steps };
    },
    feeder: {
      async open(pool: SessionPool, signal) {
        await using opened = new AsyncDisposableStack();
        for (const control of controls) {
          const options = signal ? { signal } : {};
          const lease = opened.use(await pool.borrow(model.id, control.graph, options));
          control.session = lease.session;
          opened.defer(() => void (control.session = null));
        }
        return opened.move();
      },
      async feed(session, feeds, signal) {
        const residuals = session.inputs.filter(({ name }) => name.startsWith('control.'));
        const sums = new Map<string, RealValues>();
        for (const control of controls) {
          const { start, end } = control.use;
          if (share.from < start || share.to > end) continue;
          await addResiduals(control, model, feeds, residuals, sums, signal);
        }
        return Object.fromEntries(
          residuals.map((spec) => {
            const { values, dims } = sums.get(spec.name) ?? nothing;
            return [spec.name, realTensor(spec, values, dims)];
          }),
        );
      },
    },
  };
}

/** Broadcasts to every residual. */
const nothing: RealValues = { values: new Float32Array(1), dims: [1, 1, 1, 1] };

async function checkFamily(model: ImageModel, { name, folder }: ControlFolder): Promise<void> {
  const own = await readModelJson(path.join(folder, 'config.json'), UnetShape);
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
    { id: name, file: path.join(folder, 'config.json') },
  );
}

async function addResiduals(
  control: ControlNet,
  model: ImageModel,
  feeds: Feeds,
  residuals: readonly ValueSpec[],
  sums: Map<string, RealValues>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { session, folder, use } = control;
  if (!session) throw new StudioError('internal', 'A ControlNet was run without its session.');
  const names = session.outputs.map(({ name }) => name);
  const down = names.filter((name) => !name.includes('mid'));
  const mid = names.find((name) => name.includes('mid'));
  if (mid === undefined || down.length !== residuals.length - 1) {
    throw new StudioError(
      'bad-request',
      `The ControlNet "${folder.name}" makes ${down.length} residuals, and the model "${model.id}" reads ${residuals.length - 1}. Choose a ControlNet that was made for this model.`,
      { id: folder.name, file: control.graph },
    );
  }
  const outputs = await session.run(
    await feedsOf(control, session, model, feeds),
    signal ? { signal } : {},
  );
  const targets = [
    ...down.map((name, index) => [name, `control.down.${index}`] as const),
    [mid, 'control.mid'] as const,
  ];
  for (const [name, target] of targets) {
    const { values, dims } = await takeReal(outputs[name], name, [null, null, null, null]);
    const known = sums.get(target)?.values;
    const weighted = values.map((value, at) => value * use.weight + (known?.[at] ?? 0));
    sums.set(target, { values: weighted, dims });
  }
}

/** What the UNet is fed, and the picture. */
async function feedsOf(
  control: ControlNet,
  session: Session,
  model: ImageModel,
  feeds: Feeds,
): Promise<Feeds> {
  const own: Record<string, Tensor | Value> = {};
  const sample = await realValuesOf(feeds['sample']);
  const [batch = 1, channels = 0, height = 0, width = 0] = sample.dims;
  for (const spec of session.inputs) {
    const feed = feeds[spec.name];
    if (spec.name === 'sample') {
      // An inpainting model's sample holds more than latents.
      const latents = firstChannels(sample.values, batch, channels, model.latentChannels);
      own['sample'] = realTensor(spec, latents, [batch, model.latentChannels, height, width]);
    } else if (spec.name === 'controlnet_cond') {
      const size = { width: width * model.spatialFactor, height: height * model.spatialFactor };
      const condition = await conditionOf(control, size);
      const values = new Float32Array(condition.length * batch);
      for (let row = 0; row < batch; row += 1) values.set(condition, row * condition.length);
      own[spec.name] = realTensor(spec, values, [batch, 3, size.height, size.width]);
    } else if (spec.name === 'conditioning_scale') {
      own[spec.name] = realTensor(spec, Float32Array.of(1), spec.dims.length === 0 ? [] : [1]);
    } else if (feed) own[spec.name] = await fitFeed(spec, feed);
  }
  inputSpec(session, 'controlnet_cond');
  return own;
}

function conditionOf(
  { conditions, picture, use }: ControlNet,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Float32Array> {
  const key = `${width}x${height}`;
  const made = conditions.get(key) ?? prepare();
  conditions.set(key, made);
  return made;

  async function prepare(): Promise<Float32Array> {
    const shown = await controlPicture(picture, use.preprocessor, width, height);
    const area = width * height;
    const values = new Float32Array(3 * area);
    for (let pixel = 0; pixel < area; pixel += 1)
      for (let channel = 0; channel < 3; channel += 1)
        values[channel * area + pixel] = (shown.rgb[pixel * 3 + channel] ?? 0) / 255;
    return values;
  }
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

/** The UNet and its ControlNet may be of different precision. */
async function fitFeed(spec: ValueSpec, feed: Tensor | Value): Promise<Tensor | Value> {
  if (feed.type === spec.type) return feed;
  if (feed.type === 'float32' || feed.type === 'float16') {
    const { values, dims } = await realValuesOf(feed);
    return spec.type === 'int64' || spec.type === 'int32'
      ? integers(spec.type, values, dims)
      : realTensor(spec, values, dims);
  }
  const { data, dims } = 'data' in feed ? feed : await feed.read();
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  return spec.type === 'int64' || spec.type === 'int32'
    ? integers(spec.type, values, dims)
    : realTensor(spec, Float32Array.from(values), dims);
}

function integers(
  type: 'int64' | 'int32',
  values: ArrayLike<number>,
  dims: readonly number[],
): Tensor {
  return type === 'int32'
    ? tensor('int32', Int32Array.from(values, Math.round), dims)
    : tensor('int64', BigInt64Array.from(Array.from(values, (v) => BigInt(Math.round(v)))), dims);
}

async function realValuesOf(feed: Tensor | Value | undefined): Promise<RealValues> {
  if (!feed) throw new StudioError('internal', 'A ControlNet was run beside nothing.');
  const { data, dims } = 'data' in feed ? feed : await feed.read();
  if (data instanceof Float32Array) return { values: data, dims };
  if (data instanceof Uint16Array) return { values: float16ToFloat32(data), dims };
  throw new StudioError('internal', 'A ControlNet was given whole numbers for latents.');
}
