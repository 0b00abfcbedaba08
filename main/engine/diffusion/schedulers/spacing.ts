/** Which training timesteps are visited. Source: Lin et al. 2023, arXiv:2305.08891, table 2. */
import type { SchedulerConfig, TimestepSpacing } from './config.ts';
import { linspace } from './noise-schedule.ts';

/**
 * @param rounded false leaves `linspace` fractional, as the sigma-space methods do
 * @returns [numInferenceSteps] timesteps, falling
 */
export function spacedTimesteps(
  config: SchedulerConfig,
  numInferenceSteps: number,
  spacing: TimestepSpacing,
  { rounded }: { readonly rounded: boolean },
): number[] {
  const count = config.num_train_timesteps;
  switch (spacing) {
    case 'linspace': {
      const timesteps = linspace(0, count - 1, numInferenceSteps);
      return (rounded ? timesteps.map(roundHalfEven) : timesteps).reverse();
    }
    case 'leading': {
      const ratio = Math.floor(count / numInferenceSteps);
      return Array.from(
        { length: numInferenceSteps },
        (_, i) => i * ratio + config.steps_offset,
      ).reverse();
    }
    case 'trailing':
      return trailingTimesteps(count, numInferenceSteps);
    default:
      return spacing satisfies never;
  }
}

export function trailingTimesteps(count: number, numInferenceSteps: number): number[] {
  const ratio = count / numInferenceSteps;
  return Array.from({ length: numInferenceSteps }, (_, i) => roundHalfEven(count - i * ratio) - 1);
}

/** Rounds halves to the even neighbour, as numpy does. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
