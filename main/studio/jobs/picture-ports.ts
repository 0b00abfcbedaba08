/** What the queue draws with and where its pictures go: the engine, the catalog and the library. */
import { StudioError } from '../../../contract/errors.ts';
import type { Recipe } from '../../../contract/images.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { EngineSupervisor } from '../engine-client/supervisor.ts';
import type { Library } from '../library/library.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { QueuePorts } from './queue-ports.ts';

export interface PicturePortsOptions {
  readonly catalog: Catalog;
  readonly supervisor: EngineSupervisor;
  readonly library: Library;
  readonly settings: SettingsStore;
  readonly version: string;
  readonly now: () => number;
}

export function createPicturePorts({
  catalog,
  supervisor,
  library,
  settings,
  version,
  now,
}: PicturePortsOptions): Pick<QueuePorts, 'checkRequest' | 'draw' | 'store' | 'storedPictures'> {
  function imageModel(id: string): ImageModel {
    const model = catalog.find(id);
    if (model.kind === 'image') return model;
    throw new StudioError(
      'bad-request',
      `"${model.name}" writes text and cannot draw. Choose an image model.`,
      { id },
    );
  }

  return {
    checkRequest({ modelId, width, height }) {
      const { spatialFactor } = imageModel(modelId);
      for (const [name, side] of [
        ['Width', width],
        ['Height', height],
      ] as const) {
        if (side % spatialFactor === 0) continue;
        const nearest = Math.max(spatialFactor, Math.round(side / spatialFactor) * spatialFactor);
        throw new StudioError(
          'bad-request',
          `${name} must be a multiple of ${spatialFactor} pixels for this model. The nearest to ${side} is ${nearest}.`,
          { nearest },
        );
      }
    },

    async draw(imageSettings, signal, onEvent) {
      const model = catalog.locate(imageModel(imageSettings.modelId).id);
      await using lease = await supervisor.lease(signal);
      const events = lease.client['engine.draw'](
        { model, settings: imageSettings, previews: settings.get().livePreview },
        { signal },
      );
      for await (const event of events) {
        onEvent(event);
        if (event.kind === 'image') return event;
      }
      throw new StudioError('internal', 'The engine ended without a picture. Try again.');
    },

    async store({ rgb, width, height, provider, durationMs }, imageSettings, jobId, pictureIndex) {
      const recipe: Recipe = {
        version: 1,
        settings: imageSettings,
        resolvedPrompt: imageSettings.prompt,
        modelName: catalog.find(imageSettings.modelId).name,
        modelHash: await catalog.hash(imageSettings.modelId, new AbortController().signal),
        provider,
        versions: { atelier: version, onnxruntime: supervisor.onnxruntimeVersion ?? 'unknown' },
        jobId,
        pictureIndex,
        createdAt: now(),
        durationMs,
        resources: [],
        sheet: null,
      };
      const { embedRecipe } = settings.get();
      const { id } = await library.addImage({ rgb, width, height, recipe, embedRecipe });
      return id;
    },

    storedPictures: (jobId) => library.finishedPictures(jobId),
  };
}
