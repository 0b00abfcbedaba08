/** What can be taken back from a picture's file, whichever program made it. */
import { z } from 'zod';
import { Sheet } from './grid.ts';
import { ImageId } from './ids.ts';
import { ControlUse, Mask, Source } from './image-options.ts';
import { ImageSettings } from './image-request.ts';
import { inputLimits } from './inputs.ts';
import { call } from './rpc.ts';

/** How a picture was started from, where the file does not hold that picture. */
export const SourceNumbers = Source.omit({ picture: true, mask: true }).extend({
  mask: Mask.omit({ picture: true }).nullable().default(null),
});
export type SourceNumbers = z.infer<typeof SourceNumbers>;

export const ReusableSettings = z.object({
  /** Without what the file does not tell, or tells in words that mean nothing here. */
  settings: ImageSettings.partial({
    modelId: true,
    width: true,
    height: true,
    steps: true,
    guidanceScale: true,
    scheduler: true,
    sigmaSchedule: true,
    seed: true,
  }),
  /** Null unless the picture was made from one that its file does not hold. */
  source: SourceNumbers.nullable(),
  /** The same of ControlNets. */
  controls: z.array(ControlUse.omit({ picture: true })),
  /** Where the picture is that of a grid. */
  sheet: Sheet.nullable(),
  /** What could not be taken over, in sentences for people: what the prompt names, and all else. */
  leftOfPrompt: z.array(z.string()),
  left: z.array(z.string()),
});
export type ReusableSettings = z.infer<typeof ReusableSettings>;

export const reuseContract = {
  /** @throws {StudioError} `not-found` where the picture's file tells nothing */
  'images.reusable': call(z.object({ id: ImageId }), ReusableSettings),
  /** Of a file that is not in the library; null where it tells nothing. */
  'inputs.reusable': call(
    z.object({
      bytes: z
        .instanceof(Uint8Array)
        .refine(({ length }) => length <= inputLimits.bytes, 'A picture can be at most 60 MB.'),
    }),
    z.object({ reusable: ReusableSettings.nullable() }),
  ),
} as const;
