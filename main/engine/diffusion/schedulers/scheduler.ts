/**
 * What all schedulers have in common: a plan for a number of steps, which is plain data and pure
 * functions. Whatever a step needs to remember is in the state that it returns.
 */
import type { SamplingOptions } from './options.ts';
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';

export interface StepState {
  /** f32 [C·h·w] at the noise level of the evaluation to come. */
  readonly latents: Float32Array;
  /** The last estimate of the clean latents; what previews show. */
  readonly previousOriginal: Float32Array | null;
  /** What the method keeps of earlier evaluations; each says in its own file what that is. */
  readonly memory: readonly Float32Array[];
}

/** One run of the denoising model. Methods of second order make two in a step. */
export interface Evaluation {
  /** What the model is told; may be fractional. Falls from evaluation to evaluation. */
  readonly timestep: number;
  /** The step that it belongs to, from 0. */
  readonly step: number;
  /** Noisy latents here are signal · clean + noise · N(0, 1). */
  readonly signal: number;
  readonly noise: number;
}

export interface SamplingPlan {
  readonly evaluations: readonly Evaluation[];
  /** Standard deviation of the noise that sampling starts from. */
  readonly initNoiseSigma: number;
  /** @returns the model's input at evaluation i: new, or `latents` itself where nothing is to be scaled */
  scaleInput(i: number, latents: Float32Array): Float32Array;
  /**
   * @param modelOutput f32, same length as the latents, as the model's prediction type has it; not modified
   * @param drawNoise draws fresh standard normals, same length; called only by stochastic methods
   * @returns a new state; the one passed in is not modified
   * @throws {RangeError} if i is not an evaluation of the plan
   */
  step(
    i: number,
    state: StepState,
    modelOutput: Float32Array,
    drawNoise: () => Float32Array,
  ): StepState;
}

/** @throws {StudioError} `bad-request` if the method cannot take that many steps */
export type PlanSampling = (
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
  options: SamplingOptions,
) => SamplingPlan;

/** The state before a first evaluation, wherever in the plan that is. */
export function startState(latents: Float32Array): StepState {
  return { latents, previousOriginal: null, memory: [] };
}

/**
 * Where image to image begins: the first evaluation of the last `strength` share of the steps.
 * @param strength 0 … 1; at 0 nothing is left to evaluate
 * @returns an index into the evaluations, or their number
 * Source: diffusers, `StableDiffusionImg2ImgPipeline.get_timesteps`
 */
export function firstEvaluation(
  plan: SamplingPlan,
  numInferenceSteps: number,
  strength: number,
): number {
  const kept = Math.min(Math.floor(numInferenceSteps * strength), numInferenceSteps);
  const firstStep = numInferenceSteps - kept;
  const index = plan.evaluations.findIndex(({ step }) => step >= firstStep);
  return index < 0 ? plan.evaluations.length : index;
}

/** @returns clean latents at the noise level of evaluation i, new */
export function addNoise(
  plan: SamplingPlan,
  i: number,
  original: Float32Array,
  noise: Float32Array,
): Float32Array {
  const evaluation = plan.evaluations[i];
  if (!evaluation) throw new RangeError(`There is no evaluation ${i}.`);
  return combine(evaluation.signal, original, evaluation.noise, noise);
}

/** @returns a · x + b · y, new */
export function combine(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  const result = new Float32Array(x.length);
  for (let index = 0; index < x.length; index += 1)
    result[index] = a * (x[index] ?? 0) + b * (y[index] ?? 0);
  return result;
}

/** @throws {RangeError} if there is no step i */
export function at<T>(values: { readonly length: number; readonly [i: number]: T }, i: number): T {
  const value = values[i];
  if (value === undefined) throw new RangeError(`There is no step ${i} among ${values.length}.`);
  return value;
}
