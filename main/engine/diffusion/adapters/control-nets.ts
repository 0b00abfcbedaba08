/**
 * ControlNets: networks that read a picture and steer the denoising model from within.
 * Source: Zhang et al. 2023, arXiv:2302.05543; several at once and their share of the steps as in
 * diffusers' StableDiffusionControlNetPipeline.
 */
import path from 'node:path';
import type { ControlFolder } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { ControlUse } from '../../../../contract/image-options.ts';
import type { Session, SessionPool, ValueSpec } from '../../session.ts';
import type { EvaluationWatcher } from '../evaluation-watcher.ts';
import { realTensor, takeReal, type RealValues } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { openAutoencoder } from '../pipelines/autoencoder.ts';
import { createRunClock } from '../pipelines/run-clock.ts';
import { readPicture } from '../pixels/read-picture.ts';
import type { Feeder, Feeds } from './adapted-pool.ts';
import { readFlowControl } from './control-flow.ts';
import {
  keepSizes,
  preparePicture,
  type Condition,
  type ControlReader,
  type View,
} from './control-net.ts';
import { readUnetControl } from './control-unet.ts';

export interface ControlNets {
  readonly feeder: Feeder;
  readonly watcher: EvaluationWatcher;
}

interface ControlNet {
  readonly use: ControlUse;
  readonly folder: ControlFolder;
  readonly graph: string;
  readonly reader: ControlReader;
  readonly pixels: Condition;
  readonly latents: Condition;
  session: Session | null;
}

/**
 * @param uses one per folder, in the same order
 * @param vae another autoencoder's folder; null for the model's own
 * @throws {StudioError} `model-invalid` naming the file, `bad-request` for a ControlNet of another
 *   family, `unsupported`, errors of `readPicture`
 */
export async function openControlNets(
  model: ImageModel,
  uses: readonly ControlUse[],
  folders: readonly ControlFolder[],
  { guidanceScale, vae }: { readonly guidanceScale: number; readonly vae: string | null },
): Promise<ControlNets> {
  /** While the model is on lease. */
  let lent: { readonly pool: SessionPool; readonly signal: AbortSignal } | null = null;
  const controls: ControlNet[] = [];
  for (const [index, folder] of folders.entries()) {
    const use = uses[index];
    if (!use || use.weight === 0) continue;
    const reader = model.flow
      ? await readFlowControl(model, model.flow, folder, guidanceScale)
      : await readUnetControl(model, folder);
    const picture = await readPicture(folder.picture, 'control picture');
    const pixels = keepSizes((size) => preparePicture(picture, use.preprocessor, size));
    const latents = keepSizes(async (size) => {
      if (!lent) throw new StudioError('internal', 'A ControlNet was run without its session.');
      const clock = createRunClock();
      const { pool, signal } = lent;
      const autoencoder = await openAutoencoder(pool, model, 'full', vae, { clock, signal });
      const planar = (await pixels(size)).map((level) => level * 2 - 1);
      // From the middle of the posterior: what is drawn depends on the picture's seed alone.
      return await autoencoder.encodePlanar(planar, size, (count) => new Float32Array(count));
    });
    const graph = path.join(folder.folder, 'model.onnx');
    controls.push({ use, folder, graph, reader, pixels, latents, session: null });
  }
  let share = { from: 0, to: 0 };
  let view: View | null = null;

  return {
    watcher: {
      onStep(step, steps, whole) {
        share = { from: (step - 1) / steps, to: step / steps };
        view = { tile: { left: 0, top: 0, ...whole }, whole };
      },
      onTile(tile, whole) {
        view = { tile, whole };
      },
    },
    feeder: {
      async open(pool: SessionPool, signal) {
        await using opened = new AsyncDisposableStack();
        lent = { pool, signal: signal ?? new AbortController().signal };
        opened.defer(() => void (lent = null));
        for (const control of controls) {
          const options = signal ? { signal } : {};
          const lease = opened.use(await pool.borrow(model.id, control.graph, options));
          control.session = lease.session;
          opened.defer(() => void (control.session = null));
        }
        return opened.move();
      },
      async feed(session, feeds, signal) {
        if (!view)
          throw new StudioError('internal', 'A ControlNet was not told what is looked at.');
        const residuals = session.inputs.filter(({ name }) => name.startsWith('control.'));
        const sums = new Map<string, RealValues>();
        for (const control of controls) {
          const { start, end } = control.use;
          if (share.from < start || share.to > end) continue;
          await addResiduals(control, model, feeds, view, residuals, sums, signal);
        }
        return Object.fromEntries(
          residuals.map((spec) => {
            const { values, dims } = sums.get(spec.name) ?? nothingFor(spec);
            return [spec.name, realTensor(spec, values, dims)];
          }),
        );
      },
    },
  };
}

/** Broadcasts to the whole residual. */
function nothingFor({ dims }: ValueSpec): RealValues {
  return { values: new Float32Array(1), dims: dims.map(() => 1) };
}

async function addResiduals(
  { session, folder, graph, use, reader, pixels, latents }: ControlNet,
  model: ImageModel,
  feeds: Feeds,
  view: View,
  residuals: readonly ValueSpec[],
  sums: Map<string, RealValues>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!session) throw new StudioError('internal', 'A ControlNet was run without its session.');
  const made = session.outputs.map(({ name }) => name);
  const sources = reader.sources(
    made,
    residuals.map(({ name }) => name),
  );
  if (!sources) {
    throw new StudioError(
      'bad-request',
      `The ControlNet "${folder.name}" makes ${made.length} residuals, and the model "${model.id}" reads ${residuals.length}. Choose a ControlNet that was made for this model.`,
      { id: folder.name, file: graph },
    );
  }
  const wanted = [...new Set(sources.values())];
  const outputs = await session.run(
    await reader.feedsOf({ session, feeds, view, pixels, latents }),
    { outputs: wanted, ...(signal ? { signal } : {}) },
  );
  /** One that steers several blocks is read and weighed once. */
  const weighted = new Map<string, RealValues>();
  const anySize = residuals[0]?.dims.map(() => null) ?? [];
  for (const name of wanted) {
    const { values, dims } = await takeReal(outputs[name], name, anySize);
    weighted.set(name, { values: values.map((value) => value * use.weight), dims });
  }
  for (const [target, name] of sources) {
    const own = weighted.get(name);
    if (!own) continue;
    const known = sums.get(target);
    const values = known
      ? known.values.map((value, index) => value + (own.values[index] ?? 0))
      : own.values;
    sums.set(target, { values, dims: own.dims });
  }
}
