/** The request that enlarges a finished picture and draws nothing. Pure. */
import { Source, defaultImageOptions, type Upscale } from '../../../contract/image-options.ts';
import { ImageRequest, type ImageSettings } from '../../../contract/image-request.ts';
import type { ContentHash } from '../../../contract/ids.ts';
import type { ImageModel } from '../../../contract/models.ts';

/**
 * @param settings the picture's own, so that its prompt and seed stay with it; null where it has none
 * @param model stands in the recipe; it is not loaded
 */
export function upscaleRequest(
  settings: ImageSettings | null,
  model: Pick<ImageModel, 'id' | 'defaults'>,
  picture: ContentHash,
  upscale: Upscale,
): ImageRequest {
  const { prompt = '', negativePrompt = '', seed = 0 } = settings ?? {};
  return ImageRequest.parse({
    ...defaultImageOptions,
    ...model.defaults,
    modelId: model.id,
    prompt,
    negativePrompt,
    seed,
    source: Source.parse({ picture, strength: 0 }),
    upscale,
  });
}
