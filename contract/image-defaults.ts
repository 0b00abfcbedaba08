/** Settings that a model comes with. */
import { z } from 'zod';
import { SchedulerName, SigmaSchedule } from './image-request.ts';

export const ImageDefaults = z.object({
  width: z.number().int(),
  height: z.number().int(),
  steps: z.number().int(),
  guidanceScale: z.number(),
  scheduler: SchedulerName,
  sigmaSchedule: SigmaSchedule,
});
export type ImageDefaults = z.infer<typeof ImageDefaults>;
