/** A denoising model as a function of latents and timestep, with guidance. Source: Ho and Salimans 2022, arXiv:2207.12598 */
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { Session } from '../../session.ts';
import type { Conditioning, TextEmbeddings } from '../conditioning/conditioning.ts';
import type { ImageModel } from '../image-model.ts';
import { rescaleGuidance } from '../schedulers/rescale-guidance.ts';
import { combine } from '../schedulers/scheduler.ts';
import { evaluateFlow } from './evaluate-flow.ts';
import { evaluateUnet } from './evaluate-unet.ts';

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

/** The model for all prompts in one batch, without guidance. */
export type Evaluate = (
  sample: Float32Array,
  timestep: number,
  embeddings: TextEmbeddings,
) => Promise<Float32Array>;

/** What a denoising model is run for. */
export interface Evaluation {
  readonly conditioning: PassConditioning;
  readonly guidanceScale: number;
  /** Of the latents. */
  readonly size: { readonly width: number; readonly height: number };
  readonly signal: AbortSignal;
}

/** The denoising model with classifier-free guidance: all prompts in one batch. */
export function createPredictor(
  session: Session,
  model: ImageModel,
  conditioning: PassConditioning,
  { guidanceScale, guidanceRescale }: Pick<ImageSettings, 'guidanceScale' | 'guidanceRescale'>,
  size: Evaluation['size'],
  signal: AbortSignal,
): Predict {
  const { isGuided, weights, at: embeddingsAt } = conditioning;
  const evaluation = { conditioning, guidanceScale, size, signal };
  const evaluate = model.flow
    ? evaluateFlow(session, model, model.flow, evaluation)
    : evaluateUnet(session, model, evaluation);
  const outputSize = model.latentChannels * size.height * size.width;
  // A model distilled with guidance is told the scale instead.
  const isDistilled = model.guidanceEmbeddingWidth !== null || model.flow?.kind === 'flux';
  const scale = isDistilled ? 1 : guidanceScale;

  return async (own, timestep, step) => {
    const values = await evaluate(own, timestep, embeddingsAt(step));
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
