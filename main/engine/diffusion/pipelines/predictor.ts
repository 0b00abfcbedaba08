/** The UNet as a function of latents and timestep, with guidance. Source: Ho and Salimans 2022, arXiv:2207.12598 */
import { StudioError } from '../../../../contract/errors.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { Session, ValueSpec } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Conditioning, TextEmbeddings } from '../conditioning/conditioning.ts';
import { inputSpec, integerTensor, realTensor, takeReal } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { rescaleGuidance } from '../schedulers/rescale-guidance.ts';
import { combine } from '../schedulers/scheduler.ts';
import { createAddedConditions } from './added-conditions.ts';

/**
 * @param sample f32 [C, height, width]: latents, and for inpainting models mask and masked picture behind them
 * @param step of the pass, from 1: prompts may change on the way
 * @returns f32, as long as the latents: new, or a view of one
 */
export type Predict = (
  sample: Float32Array,
  timestep: number,
  step: number,
) => Promise<Float32Array>;

/** What a pass tells the model at each of its steps. */
export type PassConditioning = Pick<Conditioning, 'isGuided' | 'weights'> & {
  readonly at: (step: number) => TextEmbeddings;
};

/** The UNet with classifier-free guidance: all prompts in one batch. */
export function createPredictor(
  session: Session,
  { guidanceEmbeddingWidth, spatialFactor, latentChannels, readsMask, xl }: ImageModel,
  { isGuided, weights, at: embeddingsAt }: PassConditioning,
  { guidanceScale, guidanceRescale }: Pick<ImageSettings, 'guidanceScale' | 'guidanceRescale'>,
  { width: latentWidth, height: latentHeight }: { readonly width: number; readonly height: number },
  signal: AbortSignal,
): Predict {
  const { batch, length } = embeddingsAt(1);
  const channels = readsMask ? 2 * latentChannels + 1 : latentChannels;
  const shape = [channels, latentHeight, latentWidth] as const;
  const outputSize = latentChannels * latentHeight * latentWidth;
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
  /** Made anew only when the prompts change. */
  const tensors = new WeakMap<TextEmbeddings, Tensor>();
  const statesOf = (embeddings: TextEmbeddings): Tensor => {
    const known = tensors.get(embeddings);
    if (known) return known;
    const { values, length: tokens, width } = embeddings;
    const made = realTensor(statesSpec, values, [batch, tokens, width]);
    tensors.set(embeddings, made);
    return made;
  };
  const added = xl
    ? createAddedConditions(
        session,
        xl,
        isGuided,
        latentHeight * spatialFactor,
        latentWidth * spatialFactor,
      )
    : () => ({});
  // A model distilled with guidance is told the scale instead.
  const scale = guidanceEmbeddingWidth === null ? guidanceScale : 1;
  const guidanceEmbedding =
    guidanceEmbeddingWidth === null
      ? {}
      : { timestep_cond: guidanceEmbeddingOf(session, guidanceScale, guidanceEmbeddingWidth) };

  return async (own, timestep, step) => {
    const sample = new Float32Array(own.length * batch);
    for (let copy = 0; copy < batch; copy += 1) sample.set(own, copy * own.length);
    const { out_sample: output } = await session.run(
      {
        sample: realTensor(sampleSpec, sample, [batch, ...shape]),
        timestep: timestepTensor(timestepSpec, timestep, batch),
        encoder_hidden_states: statesOf(embeddingsAt(step)),
        ...added(embeddingsAt(step)),
        ...guidanceEmbedding,
      },
      { signal },
    );
    const { values } = await takeReal(output, 'out_sample', [
      batch,
      latentChannels,
      latentHeight,
      latentWidth,
    ]);
    if (!isGuided) return values;
    const unconditional = values.subarray(0, outputSize);
    const conditional = composed(values.subarray(outputSize), unconditional, weights);
    // u + s · (c − u)
    const guided = combine(1 - scale, unconditional, scale, conditional);
    return rescaleGuidance(guided, conditional, guidanceRescale);
  };
}

/** u + Σ wᵢ · (cᵢ − u), one cᵢ after the other in `conditionals`. */
function composed(
  conditionals: Float32Array,
  unconditional: Float32Array,
  weights: readonly number[],
): Float32Array {
  if (weights.length === 1 && weights[0] === 1) return conditionals;
  const size = unconditional.length;
  return unconditional.map((origin, index) => {
    let value = origin;
    for (const [part, weight] of weights.entries())
      value += weight * ((conditionals[part * size + index] ?? 0) - origin);
    return value;
  });
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
