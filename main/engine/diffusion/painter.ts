/** Draws with any installed image model; keeps what was learned about each between pictures. */
import {
  type DrawEvent,
  type DrawFiles,
  type ModelLocation,
  noDrawFiles,
} from '../../../contract/engine.ts';
import type { ImageSettings } from '../../../contract/image-request.ts';
import type { PromptChunks } from '../../../contract/queue.ts';
import { createParsedModels } from '../parsed-models.ts';
import type { SessionPool } from '../session.ts';
import { createAdapters } from './adapters/adapters.ts';
import { countPromptTokens } from './conditioning/conditioning.ts';
import { imageModelFiles, loadImageModel, type ImageModel } from './image-model.ts';
import { drawImage } from './pipelines/draw-image.ts';
import { isPureUpscale, upscaleOnly } from './pipelines/upscale-only.ts';
import { fitPreviewFactors, guessPreviewFactors, type PreviewFactors } from './preview.ts';

export interface Painter {
  /** @throws {StudioError} as `loadImageModel` and `drawImage` */
  draw(
    pool: SessionPool,
    location: ModelLocation,
    settings: ImageSettings,
    options: {
      readonly previews: boolean;
      readonly files?: DrawFiles;
      readonly keepLatents?: boolean;
      readonly signal: AbortSignal;
    },
  ): AsyncIterable<DrawEvent>;
  count(location: ModelLocation, prompt: string): Promise<PromptChunks>;
  /** Forgets one model, or all with null. */
  release(modelId: string | null): void;
}

export function createPainter(): Painter {
  const models = createParsedModels(imageModelFiles, loadImageModel);
  const adapters = createAdapters();
  const fitted = new WeakMap<ImageModel, PreviewFactors>();

  return {
    async *draw(pool, location, settings, { previews, signal, ...rest }) {
      if (isPureUpscale(settings) && rest.files?.source) {
        yield* upscaleOnly(pool, settings, rest.files, signal);
        return;
      }
      const model = await models.load(location);
      const { refiner } = rest.files ?? {};
      const guess = guessPreviewFactors(model.latentChannels, model.scalingFactor);
      const factors = model.previewFactors ?? fitted.get(model) ?? guess;
      const adapted = await adapters.adapt(pool, model, settings, rest.files ?? noDrawFiles);
      yield* drawImage(adapted.pool, adapted.model, settings, {
        ...rest,
        watcher: adapted.watcher,
        refiner: refiner ? await models.load(refiner) : null,
        signal,
        previewFactors: previews ? factors : null,
        onDecoded(latents, width, height, rgb) {
          // Another decoder's colours may differ from the model's own.
          if (rest.files?.vae || settings.decoder !== 'full') return;
          if (model.previewFactors || fitted.has(model)) return;
          const factor = model.spatialFactor;
          fitted.set(model, fitPreviewFactors(latents, width, height, rgb, factor, guess));
        },
      });
    },
    async count(location, prompt) {
      return countPromptTokens((await models.load(location)).textEncoders[0].tokenizer, prompt);
    },
    release: models.release,
  };
}
