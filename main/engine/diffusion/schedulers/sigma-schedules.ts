/** How noise levels are spread between the largest and the smallest. */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import { betaQuantile } from './beta-quantile.ts';
import { linspace } from './noise-schedule.ts';
import { at } from './scheduler.ts';
import { karrasSigmas, logSigmaAt } from './sigmas.ts';

/** Both shape parameters of Lee et al. 2024, arXiv:2407.12173. */
const betaShape = 0.6;

/** Levels for ten steps and their end. Source: Sabour et al. 2024, arXiv:2404.14507, appendix */
const alignYourSteps = {
  sd: [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029],
  sdxl: [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.38, 0.234, 0.113, 0.029],
} as const;

/**
 * @param range the ends: σ of the first and of the last step
 * @param training f64 [T], rising
 * @returns [count] noise levels, falling; null where the model's own spacing holds
 */
export function scheduledSigmas(
  schedule: SigmaSchedule,
  count: number,
  range: { readonly min: number; readonly max: number },
  training: Float64Array,
  family: keyof typeof alignYourSteps,
): number[] | null {
  const { min, max } = range;
  switch (schedule) {
    case 'normal':
      return null;
    case 'karras':
      return karrasSigmas(min, max, count);
    case 'exponential':
      return linspace(Math.log(max), Math.log(min), count).map(Math.exp);
    case 'beta':
      return linspace(1, 0, count).map(
        (share) => min + betaQuantile(share, betaShape, betaShape) * (max - min),
      );
    case 'sgm-uniform':
      // The smallest level is left out: the step to 0 takes its place.
      return linspace(training.length - 1, 0, count + 1)
        .slice(0, -1)
        .map((timestep) => logSigmaAt(training, timestep));
    case 'ays':
      return resampled(alignYourSteps[family], count + 1).slice(0, -1);
    default:
      return schedule satisfies never;
  }
}

/** Linear in ln σ over the index. */
function resampled(levels: readonly number[], count: number): number[] {
  return linspace(0, levels.length - 1, count).map((place) => {
    const low = Math.min(Math.floor(place), levels.length - 2);
    const share = place - low;
    return Math.exp(
      Math.log(at(levels, low)) * (1 - share) + Math.log(at(levels, low + 1)) * share,
    );
  });
}
