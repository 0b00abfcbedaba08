/** The steps of pictures made since the start: kept in memory, the oldest pictures go first. */
import { z } from 'zod';
import { ImageId } from './ids.ts';
import { call } from './rpc.ts';

export const TimelineStep = z.object({
  /** Steps done, from 1. */
  step: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  /** RGB bytes of the latents at latent resolution. */
  rgb: z.instanceof(Uint8Array),
});
export type TimelineStep = z.infer<typeof TimelineStep>;

export const timelineContract = {
  /** Empty where the steps of that picture are not kept any more, or never were. */
  'timeline.get': call(
    z.object({ imageId: ImageId }),
    z.object({
      steps: z.array(TimelineStep),
      /** Steps that one can branch from: the second pass of a hi-res fix has none. */
      branchable: z.number().int(),
    }),
  ),
} as const;
