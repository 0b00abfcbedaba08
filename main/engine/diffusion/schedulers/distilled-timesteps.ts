/** The timesteps that consistency models were distilled on, and which of them a sampler visits. */
import { StudioError } from '../../../../contract/errors.ts';
import type { SchedulerConfig } from './config.ts';
import { at } from './scheduler.ts';

/** @throws {StudioError} `bad-request` for more steps than the model was distilled with */
export function distilledTimesteps(
  config: SchedulerConfig,
  numInferenceSteps: number,
  title: string,
): number[] {
  const trained = config.original_inference_steps;
  if (numInferenceSteps > trained) {
    throw new StudioError(
      'bad-request',
      `${title} can take at most ${trained} steps with this model. Lower the steps, or choose another sampler.`,
    );
  }
  const stride = Math.floor(config.num_train_timesteps / trained);
  const distilled = Array.from({ length: trained }, (_, i) => (i + 1) * stride - 1).reverse();
  return Array.from({ length: numInferenceSteps }, (_, i) =>
    at(distilled, Math.floor((i * trained) / numInferenceSteps)),
  );
}
