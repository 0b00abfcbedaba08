/**
 * What all schedulers have in common: a plan for a number of steps, which is plain data and pure
 * functions. Whatever a step needs to remember is in the state that it returns.
 */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';

export interface StepState {
  /** f32 [C·h·w] at the noise level of the step to come. */
  readonly latents: Float32Array;
  /** The estimate of the clean latents that the last step made, for multi-step methods. */
  readonly previousOriginal: Float32Array | null;
}

export interface SamplingPlan {
  /** What the UNet is told, one per step, falling. May be fractional. */
  readonly timesteps: readonly number[];
  /** Standard deviation of the noise that sampling starts from. */
  readonly initNoiseSigma: number;
  /** @returns the UNet's input at step i: new, or `latents` itself where nothing is to be scaled */
  scaleInput(i: number, latents: Float32Array): Float32Array;
  /**
   * @param modelOutput f32, same length as the latents, as the model's prediction type has it; not modified
   * @param drawNoise draws fresh standard normals, same length; called only by stochastic methods
   * @returns a new state; the one passed in is not modified
   * @throws {RangeError} if i is not a step of the plan
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
) => SamplingPlan;

/** @returns a · x + b · y, new */
export function combine(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  const result = new Float32Array(x.length);
  for (let index = 0; index < x.length; index += 1)
    result[index] = a * (x[index] ?? 0) + b * (y[index] ?? 0);
  return result;
}

/** @throws {RangeError} if there is no step i */
export function at(values: readonly number[] | Float64Array, i: number): number {
  const value = values[i];
  if (value === undefined) throw new RangeError(`There is no step ${i} among ${values.length}.`);
  return value;
}
