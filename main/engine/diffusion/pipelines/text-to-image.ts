/**
 * Text to image with a Stable-Diffusion-shaped model.
 *
 * Promises: a picture depends only on settings, weights and provider: image i of a batch equals the
 * single image with seed + i; cancelling takes effect between steps; the event loop turns between steps.
 * Sources: Rombach et al. 2022, arXiv:2112.10752; guidance: Ho and Salimans 2022, arXiv:2207.12598.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DrawEvent } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { PromptChunks } from '../../../../contract/queue.ts';
import type { Session, SessionPool, ValueSpec } from '../../session.ts';
import { createTorchGenerator } from '../../tensor/torch-generator.ts';
import { inputSpec, integerTensor, realTensor, takeReal } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { previewOf, type PreviewFactors } from '../preview.ts';
import { chunkCountOf, chunkSizeOf } from '../prompt/chunks.ts';
import { planSampling } from '../schedulers/index.ts';
import { defaultSamplingOptions } from '../schedulers/options.ts';
import {
  at,
  combine,
  startState,
  type SamplingPlan,
  type StepState,
} from '../schedulers/scheduler.ts';
import { encodePrompts, type TextEmbeddings } from '../text-conditioning.ts';
import { decodeLatents } from '../vae-decoder.ts';

export interface DrawOptions {
  readonly signal: AbortSignal;
  /** Colours for live previews; null for none. */
  readonly previewFactors: PreviewFactors | null;
  /** Told the clean latents and their picture, for whoever fits preview factors. */
  readonly onDecoded?: (
    latents: Float32Array,
    width: number,
    height: number,
    rgb: Uint8Array,
  ) => void;
}

/**
 * Makes one picture.
 * @throws {StudioError} `bad-request` if size, steps or prompt do not suit the model,
 *   `model-missing`, `model-invalid`, `out-of-memory`; the signal's reason when cancelled
 */
export async function* drawImage(
  pool: SessionPool,
  model: ImageModel,
  settings: ImageSettings,
  { signal, previewFactors, onDecoded }: DrawOptions,
): AsyncGenerator<DrawEvent> {
  checkSize(model, settings);
  const width = settings.width / model.spatialFactor;
  const height = settings.height / model.spatialFactor;
  const size = model.latentChannels * width * height;
  const plan = planSampling(
    settings.scheduler,
    model.schedulerConfig,
    settings.steps,
    settings.sigmaSchedule,
    { ...defaultSamplingOptions, ...settings.samplerOptions },
  );
  const clock = createRunClock();

  // 1. Prompts to embeddings; the unconditional one first, as the reference has it.
  yield { kind: 'loading', part: 'text encoder' };
  let embeddings: TextEmbeddings;
  {
    await using lease = await pool.borrow(model.id, model.graphs.textEncoder, { signal });
    yield { kind: 'encoding' };
    // A model distilled with guidance is told the scale instead.
    const guided = settings.guidanceScale > 1 && model.guidanceEmbeddingWidth === null;
    const prompts = guided ? [settings.negativePrompt, settings.prompt] : [settings.prompt];
    embeddings = await clock.measure(lease.session, () =>
      encodePrompts(lease.session, model.tokenizer, prompts, signal),
    );
  }

  // 2. Noise to latents.
  yield { kind: 'loading', part: 'UNet' };
  const generator = createTorchGenerator(settings.seed);
  let state = startState(generator.normals(size).map((value) => value * plan.initNoiseSigma));
  {
    await using lease = await pool.borrow(model.id, model.graphs.unet, { signal });
    const predict = createPredictor(
      lease.session,
      model,
      embeddings,
      settings.guidanceScale,
      [model.latentChannels, height, width],
      signal,
    );
    for (const [i, { step }] of plan.evaluations.entries()) {
      await nextTurn();
      signal.throwIfAborted();
      state = await clock.measure(lease.session, () =>
        denoise(plan, i, state, predict, () => generator.normals(size)),
      );
      if (plan.evaluations[i + 1]?.step === step) continue;
      const shown = state.previousOriginal ?? state.latents;
      yield {
        kind: 'step',
        step: step + 1,
        steps: settings.steps,
        preview: previewFactors ? previewOf(shown, width, height, previewFactors) : null,
        latents: null,
      };
    }
  }
  if (!state.latents.every(Number.isFinite)) {
    throw new StudioError(
      'model-invalid',
      'The model made numbers that are not finite. Its weights are damaged, or need more precision than this device gives: choose another device in Settings.',
    );
  }

  // 3. Latents to pixels.
  yield { kind: 'decoding' };
  await using lease = await pool.borrow(model.id, model.graphs.vaeDecoder, { signal });
  const rgb = await clock.measure(lease.session, () =>
    decodeLatents(lease.session, state.latents, width, height, { ...model, signal }),
  );
  onDecoded?.(state.latents, width, height, rgb);
  yield {
    kind: 'image',
    width: settings.width,
    height: settings.height,
    rgb,
    provider: lease.session.provider,
    ...clock.totals(),
  };
}

/** How many tokens and chunks a prompt takes; nothing is loaded but the tokenizer. */
export function countPromptTokens({ tokenizer }: ImageModel, prompt: string): PromptChunks {
  const tokens = tokenizer.encode(prompt).length;
  return { tokens, chunks: chunkCountOf(tokens, tokenizer), chunkSize: chunkSizeOf(tokenizer) };
}

function checkSize({ sizeMultiple }: ImageModel, { width, height }: ImageSettings): void {
  for (const [name, side] of [
    ['Width', width],
    ['Height', height],
  ] as const) {
    if (side % sizeMultiple === 0) continue;
    const nearest = Math.max(sizeMultiple, Math.round(side / sizeMultiple) * sizeMultiple);
    throw new StudioError(
      'bad-request',
      `${name} must be a multiple of ${sizeMultiple} pixels for this model. The nearest to ${side} is ${nearest}.`,
      { nearest },
    );
  }
}

type Predict = (latents: Float32Array, timestep: number) => Promise<Float32Array>;

async function denoise(
  plan: SamplingPlan,
  i: number,
  state: StepState,
  predict: Predict,
  drawNoise: () => Float32Array,
): Promise<StepState> {
  const { timestep } = at(plan.evaluations, i);
  const modelOutput = await predict(plan.scaleInput(i, state.latents), timestep);
  return plan.step(i, state, modelOutput, drawNoise);
}

/** The UNet with classifier-free guidance: both halves in one batch where there are two. */
function createPredictor(
  session: Session,
  { guidanceEmbeddingWidth, spatialFactor }: ImageModel,
  embeddings: TextEmbeddings,
  guidanceScale: number,
  shape: readonly [number, number, number],
  signal: AbortSignal,
): Predict {
  const { batch, length, width } = embeddings;
  const sampleSpec = inputSpec(session, 'sample');
  const timestepSpec = inputSpec(session, 'timestep');
  const statesSpec = inputSpec(session, 'encoder_hidden_states');
  checkFixedSize(sampleSpec, shape, spatialFactor);
  const fixedLength = statesSpec.dims[1];
  if (typeof fixedLength === 'number' && fixedLength > 0 && fixedLength !== length) {
    throw new StudioError(
      'bad-request',
      `This model reads prompts of one chunk only (${fixedLength - 2} tokens). Shorten the prompt or the negative prompt.`,
    );
  }
  const states = realTensor(statesSpec, embeddings.values, [batch, length, width]);
  const guidanceEmbedding =
    guidanceEmbeddingWidth === null
      ? {}
      : { timestep_cond: guidanceEmbeddingOf(session, guidanceScale, guidanceEmbeddingWidth) };

  return async (latents, timestep) => {
    const sample = new Float32Array(latents.length * batch);
    for (let copy = 0; copy < batch; copy += 1) sample.set(latents, copy * latents.length);
    const { out_sample: output } = await session.run(
      {
        sample: realTensor(sampleSpec, sample, [batch, ...shape]),
        timestep: timestepTensor(timestepSpec, timestep, batch),
        encoder_hidden_states: states,
        ...guidanceEmbedding,
      },
      { signal },
    );
    const { values } = await takeReal(output, 'out_sample', [batch, ...shape]);
    if (batch === 1) return values;
    const unconditional = values.subarray(0, latents.length);
    const conditional = values.subarray(latents.length);
    // u + s · (c − u)
    return combine(1 - guidanceScale, unconditional, guidanceScale, conditional);
  };
}

/** Some exports, for one kind of device, hold the size of the picture. */
function checkFixedSize(
  { dims }: ValueSpec,
  [, height, width]: readonly [number, number, number],
  spatialFactor: number,
): void {
  const [, , fixedHeight, fixedWidth] = dims;
  const fits = (fixed: number | string | undefined, side: number) =>
    typeof fixed !== 'number' || fixed === side;
  if (fits(fixedHeight, height) && fits(fixedWidth, width)) return;
  const pixels = (fixed: number | string | undefined, side: number) =>
    (typeof fixed === 'number' ? fixed : side) * spatialFactor;
  throw new StudioError(
    'bad-request',
    `This model draws pictures of ${pixels(fixedWidth, width)} × ${pixels(fixedHeight, height)} pixels only. Choose that size.`,
  );
}

/** A graph may want the timestep once, as a scalar, or for each row of the batch. */
function timestepTensor(spec: ValueSpec, timestep: number, batch: number) {
  const [rowsDeclared] = spec.dims;
  if (rowsDeclared === undefined) return integerTensor(spec, [timestep], []);
  // Optimum names the dimension "steps" and means one for all rows.
  const named = String(rowsDeclared).includes('batch') ? batch : 1;
  const rows = typeof rowsDeclared === 'number' ? rowsDeclared : named;
  return integerTensor(
    spec,
    Array.from({ length: rows }, () => timestep),
    [rows],
  );
}

/**
 * Sinusoidal embedding of the guidance scale, [1, width].
 * Source: Meng et al. 2023, arXiv:2210.03142, as in diffusers' `get_guidance_scale_embedding`
 */
function guidanceEmbeddingOf(session: Session, guidanceScale: number, width: number) {
  const half = Math.floor(width / 2);
  const scaled = (guidanceScale - 1) * 1000;
  const values = Float32Array.from({ length: width }, (_, index) => {
    if (index >= 2 * half) return 0;
    const angle = scaled * Math.exp((-Math.log(10_000) * (index % half)) / (half - 1));
    return index < half ? Math.sin(angle) : Math.cos(angle);
  });
  return realTensor(inputSpec(session, 'timestep_cond'), values, [1, width]);
}

/** Adds up the whole time of the parts that compute, and the time inside the runtime among it. */
function createRunClock() {
  let durationMs = 0;
  let runMs = 0;
  return {
    async measure<T>(session: Session, work: () => Promise<T>): Promise<T> {
      const startedAt = performance.now();
      const runMsBefore = session.runMs;
      const result = await work();
      durationMs += performance.now() - startedAt;
      runMs += session.runMs - runMsBefore;
      return result;
    },
    totals: () => ({ durationMs, runMs }),
  };
}
