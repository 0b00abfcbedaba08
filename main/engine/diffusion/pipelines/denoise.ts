/** One pass over the steps of a plan, from noise or from somewhere on the way. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DrawEvent, KeptLatents } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Mask } from '../../../../contract/image-options.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { Session, SessionPool } from '../../session.ts';
import { float16ToFloat32, float32ToFloat16 } from '../../tensor/float16.ts';
import type { TorchGenerator } from '../../tensor/torch-generator.ts';
import type { Conditioning } from '../conditioning/conditioning.ts';
import type { EvaluationWatcher } from '../evaluation-watcher.ts';
import type { FlowTransformer } from '../flow-transformer.ts';
import type { ImageModel } from '../image-model.ts';
import type { MaskPicture } from '../pixels/picture.ts';
import { previewOf, type PreviewFactors } from '../preview.ts';
import { planSampling } from '../schedulers/index.ts';
import { defaultSamplingOptions } from '../schedulers/options.ts';
import {
  addNoise,
  at,
  firstEvaluation,
  startState,
  type SamplingPlan,
  type StepState,
} from '../schedulers/scheduler.ts';
import { latentMask } from './latent-mask.ts';
import { createPredictor, type Predict } from './predictor.ts';
import type { RunClock } from './run-clock.ts';
import { tilePredictions } from './tiled-predictor.ts';

/** A model and what it is told. */
export interface Painting {
  readonly model: ImageModel;
  readonly conditioning: Conditioning;
}

export interface DenoisePass {
  readonly pool: SessionPool;
  readonly model: ImageModel;
  readonly settings: ImageSettings;
  readonly conditioning: Conditioning;
  /** Takes over from step `fromStep` on. */
  readonly refiner: (Painting & { readonly fromStep: number }) | null;
  /** f32 [1 + C, height, width], what an inpainting model reads behind the latents; null for others. */
  readonly maskChannels: Float32Array | null;
  /** Draws what stochastic steps need. */
  readonly generator: TorchGenerator;
  readonly previewFactors: PreviewFactors | null;
  readonly signal: AbortSignal;
  readonly clock: RunClock;
  /** Of the latents. */
  readonly size: { readonly width: number; readonly height: number };
  /** f32 [C, height, width] */
  readonly noise: Float32Array;
  readonly steps: number;
  /** Clean latents to begin from; null begins from noise alone. */
  readonly start: {
    readonly original: Float32Array;
    readonly strength: number;
    /** At the size of the pixels; white is painted anew. */
    readonly mask: MaskPicture | null;
    readonly fill: Mask['fill'];
  } | null;
  /** Latents of another picture after `step` steps. */
  readonly branch: (KeptLatents & { readonly step: number }) | null;
  /** Steps of earlier passes, and of all, without those that are left out. */
  readonly progress: { readonly done: number; readonly all: number };
  readonly keepLatents: boolean;
  readonly watcher: EvaluationWatcher | null;
}

/**
 * @returns f32 [C, height, width], clean
 * @throws {StudioError} `bad-request` if latents to branch from are of another shape; `model-invalid`
 *   if the model makes numbers that are not finite
 */
export async function* denoise(pass: DenoisePass): AsyncGenerator<DrawEvent, Float32Array> {
  const { pool, model, settings, size, noise, start, signal, clock, previewFactors } = pass;
  const plan = planSampling(
    settings.scheduler,
    model.schedulerConfig,
    pass.steps,
    settings.sigmaSchedule,
    {
      ...defaultSamplingOptions,
      ...settings.samplerOptions,
      family: model.xl ? 'sdxl' : 'sd',
      ...(model.flow ? flowOptions(model.flow, size) : {}),
    },
  );
  const drawNoise = () => pass.generator.normals(noise.length);
  const begun = begin(pass, plan, drawNoise);
  let { state } = begun;
  const keep = start?.mask ? latentMask(start.mask, size, model.latentChannels) : null;

  for (const stage of stagesOf(pass, plan, begun.first)) {
    yield { kind: 'loading', part: stage.part };
    await using lease = await pool.borrow(stage.model.id, stage.model.graphs.denoiser, { signal });
    const predict = predictorOf(pass, stage, lease.session);
    for (let i = stage.first; i < stage.end; i += 1) {
      await nextTurn();
      signal.throwIfAborted();
      const evaluation = at(plan.evaluations, i);
      const before = state;
      const step = evaluation.step + 1 - begun.skipped;
      pass.watcher?.onStep(step, pass.steps - begun.skipped, size);
      state = await clock.measure(lease.session, async () => {
        const input = plan.scaleInput(i, before.latents);
        return plan.step(i, before, await predict(input, evaluation.timestep, step), drawNoise);
      });
      if (keep && start) state = keepUnmasked(plan, i, state, start.original, noise, keep);
      if (plan.evaluations[i + 1]?.step === evaluation.step) continue;
      const shown = state.previousOriginal ?? state.latents;
      yield {
        kind: 'step',
        step: pass.progress.done + step,
        steps: pass.progress.all,
        preview: previewFactors ? previewOf(shown, size.width, size.height, previewFactors) : null,
        latents: pass.keepLatents
          ? { ...size, channels: model.latentChannels, values: bytesOf(state.latents) }
          : null,
      };
    }
  }
  if (!state.latents.every(Number.isFinite)) {
    throw new StudioError(
      'model-invalid',
      'The model made numbers that are not finite. Its weights are damaged, or need more precision than this device gives: choose another device in Settings.',
    );
  }
  return state.latents;
}

/** Evaluations that one model makes. */
interface Stage extends Painting {
  readonly part: string;
  readonly first: number;
  readonly end: number;
}

/** Levels of noise grow with the picture, and Flux spaces them in its own way. */
function flowOptions({ kind, patchSize }: FlowTransformer, { width, height }: DenoisePass['size']) {
  return {
    imageTokens: Math.floor(width / patchSize) * Math.floor(height / patchSize),
    endsAtOneStep: kind === 'flux',
  };
}

function stagesOf(
  { model, conditioning, refiner }: DenoisePass,
  { evaluations }: SamplingPlan,
  first: number,
): readonly Stage[] {
  const handOver = refiner
    ? evaluations.filter(({ step }) => step < refiner.fromStep).length
    : evaluations.length;
  const middle = Math.max(first, handOver);
  const part = model.flow ? 'transformer' : 'UNet';
  const own: Stage = { part, model, conditioning, first, end: middle };
  const refining: readonly Stage[] = refiner
    ? [{ ...refiner, part: 'refiner', first: middle, end: evaluations.length }]
    : [];
  return [own, ...refining].filter(({ first, end }) => first < end);
}

function predictorOf(
  { settings, size, steps, signal, maskChannels, watcher }: DenoisePass,
  { model, conditioning }: Stage,
  session: Session,
): Predict {
  const told = { ...conditioning, at: conditioning.ofPass(steps) };
  const create = (own: DenoisePass['size']) =>
    createPredictor(session, model, told, settings, own, signal);
  const predict = settings.tiledDiffusion
    ? tilePredictions(settings.tiledDiffusion, {
        size,
        spatialFactor: model.spatialFactor,
        signal,
        watcher,
        create,
      })
    : create(size);
  if (!model.readsMask || maskChannels === null) return predict;
  return (latents, timestep, step) => {
    const sample = new Float32Array(latents.length + maskChannels.length);
    sample.set(latents);
    sample.set(maskChannels, latents.length);
    return predict(sample, timestep, step);
  };
}

interface Beginning {
  readonly first: number;
  readonly state: StepState;
  /** Steps of the plan that image to image leaves out. */
  readonly skipped: number;
}

function begin(
  { branch, start, noise, steps, model, size }: DenoisePass,
  plan: SamplingPlan,
  drawNoise: () => Float32Array,
): Beginning {
  const begins = start ? firstEvaluation(plan, steps, start.strength) : 0;
  const skipped = plan.evaluations[begins]?.step ?? steps;
  if (branch) {
    const { latentChannels: channels } = model;
    if (
      branch.channels !== channels ||
      branch.width !== size.width ||
      branch.height !== size.height
    ) {
      throw new StudioError(
        'bad-request',
        'A branch goes on with the size and the kind of model that the picture was begun with. Set them back, or draw without the branch.',
      );
    }
    const found = plan.evaluations.findIndex(({ step }) => step >= skipped + branch.step);
    const first = found < 0 ? plan.evaluations.length : found;
    discardDraws(plan, begins, first, noise.length, drawNoise);
    return { first, state: startState(valuesOf(branch.values)), skipped };
  }
  const fresh = () => startState(noise.map((value) => value * plan.initNoiseSigma));
  if (!start) return { first: 0, state: fresh(), skipped };

  if (begins === plan.evaluations.length)
    return { first: begins, state: startState(start.original), skipped };
  // Nothing of the source is left in what is painted wholly anew.
  if (start.mask && start.strength === 1) return { first: begins, state: fresh(), skipped };
  const original = start.mask
    ? filled(start.original, latentMask(start.mask, size, model.latentChannels), start.fill, noise)
    : start.original;
  return { first: begins, state: startState(addNoise(plan, begins, original, noise)), skipped };
}

/** Leaves the generator where a run from the beginning would have it. */
function discardDraws(
  plan: SamplingPlan,
  begins: number,
  first: number,
  length: number,
  drawNoise: () => Float32Array,
): void {
  let state = startState(new Float32Array(length));
  for (let i = begins; i < first; i += 1)
    state = plan.step(i, state, new Float32Array(length), drawNoise);
}

/** After a step, what is kept is put back at the noise level that the step led to. */
function keepUnmasked(
  plan: SamplingPlan,
  i: number,
  state: StepState,
  original: Float32Array,
  noise: Float32Array,
  mask: Float32Array,
): StepState {
  const isLast = i + 1 === plan.evaluations.length;
  const kept = isLast ? original : addNoise(plan, i + 1, original, noise);
  return {
    ...state,
    latents: state.latents.map((value, index) => (mask[index] === 1 ? value : (kept[index] ?? 0))),
  };
}

function filled(
  original: Float32Array,
  mask: Float32Array,
  fill: Mask['fill'],
  noise: Float32Array,
): Float32Array {
  switch (fill) {
    case 'original':
    case 'blurred':
      return original;
    case 'noise':
      return original.map((value, index) => (mask[index] === 1 ? (noise[index] ?? 0) : value));
    case 'blank':
      return original.map((value, index) => (mask[index] === 1 ? 0 : value));
    default:
      return fill satisfies never;
  }
}

function bytesOf(latents: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(float32ToFloat16(latents).slice().buffer);
}

/** Copied, since bytes from a message may begin at an odd address. */
function valuesOf(bytes: Uint8Array): Float32Array {
  return float16ToFloat32(new Uint16Array(bytes.slice().buffer));
}
