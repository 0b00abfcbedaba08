/** Pictures given to the studio to work from: kept by content hash in the library's `inputs/`. */
import { z } from 'zod';
import { ContentHash, ImageId } from './ids.ts';
import { ControlUse } from './image-options.ts';
import { ImageSettings } from './image-request.ts';
import { call } from './rpc.ts';

export const InputPicture = z.object({
  hash: ContentHash,
  width: z.number().int(),
  height: z.number().int(),
  /** Address that the window can load: same origin as the page. */
  url: z.string(),
});
export type InputPicture = z.infer<typeof InputPicture>;

export const inputLimits = { bytes: 60 * 2 ** 20, maxSide: 8192 } as const;

export const inputsContract = {
  /** PNG, JPEG, WebP, AVIF, TIFF or GIF; turned upright, kept without metadata as PNG. */
  'inputs.add': call(
    z.object({
      bytes: z
        .instanceof(Uint8Array)
        .refine(({ length }) => length <= inputLimits.bytes, 'A picture can be at most 60 MB.'),
    }),
    InputPicture,
  ),
  /** A picture of the library as an input; it stays when the picture is deleted. */
  'inputs.fromImage': call(z.object({ id: ImageId }), InputPicture),
  /** What a ControlNet will be shown of an input, as PNG of the size that is drawn. */
  'inputs.controlPicture': call(
    z.object({
      hash: ContentHash,
      preprocessor: ControlUse.shape.preprocessor,
      width: ImageSettings.shape.width,
      height: ImageSettings.shape.height,
    }),
    z.object({ png: z.instanceof(Uint8Array) }),
  ),
  'inputs.get': call(z.object({ hash: ContentHash }), InputPicture),
} as const;
