/** Draws with any installed image model; keeps what was learned about each between pictures. */
import type { DrawEvent, ModelLocation } from '../../../contract/engine.ts';
import type { ImageSettings } from '../../../contract/image-request.ts';
import type { PromptChunks } from '../../../contract/queue.ts';
import { createParsedModels } from '../parsed-models.ts';
import type { SessionPool } from '../session.ts';
import { imageModelFiles, loadImageModel, type ImageModel } from './image-model.ts';
import { countPromptTokens, drawImage } from './pipelines/text-to-image.ts';
import { fitPreviewFactors, type PreviewFactors } from './preview.ts';

export interface Painter {
  /** @throws {StudioError} as `loadImageModel` and `drawImage` */
  draw(
    pool: SessionPool,
    location: ModelLocation,
    settings: ImageSettings,
    options: { readonly previews: boolean; readonly signal: AbortSignal },
  ): AsyncIterable<DrawEvent>;
  count(location: ModelLocation, prompt: string): Promise<PromptChunks>;
  /** Forgets one model, or all with null. */
  release(modelId: string | null): void;
}

/** Until a first picture was decoded nothing is known of the colours: the first channel as brightness. */
const firstChannelFactors: PreviewFactors = { matrix: [[0.3, 0.3, 0.3]], bias: [0, 0, 0] };

export function createPainter(): Painter {
  const models = createParsedModels(imageModelFiles, loadImageModel);
  const fitted = new WeakMap<ImageModel, PreviewFactors>();

  return {
    async *draw(pool, location, settings, { previews, signal }) {
      const model = await models.load(location);
      const factors = model.previewFactors ?? fitted.get(model) ?? firstChannelFactors;
      yield* drawImage(pool, model, settings, {
        signal,
        previewFactors: previews ? factors : null,
        onDecoded(latents, width, height, rgb) {
          if (model.previewFactors || fitted.has(model)) return;
          fitted.set(model, fitPreviewFactors(latents, width, height, rgb, model.spatialFactor));
        },
      });
    },
    async count(location, prompt) {
      return countPromptTokens(await models.load(location), prompt);
    },
    release: models.release,
  };
}
