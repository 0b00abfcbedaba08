/** What the queue draws with and where its pictures go: the engine, the catalog and the library. */
import { StudioError } from '../../../contract/errors.ts';
import type { ImageSettings } from '../../../contract/image-request.ts';
import type { Recipe } from '../../../contract/images.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { EngineSupervisor } from '../engine-client/supervisor.ts';
import { picturesOf, planRequest } from '../grids/plan-request.ts';
import { storeSheet } from '../grids/store-sheet.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { Library } from '../library/library.ts';
import type { Prompts, ResolvedPrompts } from '../prompts/prompts.ts';
import type { Resources } from '../resources/resources.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { KeptStep, Timeline } from '../timeline/timeline.ts';
import { checkNames, findDrawFiles, type NamedFiles } from './draw-files.ts';
import type { FinishedPicture, QueuePorts } from './queue-ports.ts';

export interface PicturePortsOptions {
  readonly catalog: Catalog;
  readonly supervisor: EngineSupervisor;
  readonly library: Library;
  readonly settings: SettingsStore;
  readonly inputs: Inputs;
  readonly timeline: Timeline;
  readonly resources: Resources;
  readonly prompts: Pick<Prompts, 'resolve'>;
  readonly version: string;
  readonly now: () => number;
}

export function createPicturePorts({
  catalog,
  supervisor,
  library,
  settings,
  inputs,
  timeline,
  resources,
  prompts,
  version,
  now,
}: PicturePortsOptions): Pick<
  QueuePorts,
  'checkRequest' | 'draw' | 'store' | 'storeSheet' | 'storedPictures'
> {
  function imageModel(id: string): ImageModel {
    const model = catalog.find(id);
    if (model.kind === 'image') return model;
    throw new StudioError(
      'bad-request',
      `"${model.name}" writes text and cannot draw. Choose an image model.`,
      { id },
    );
  }

  /** Until the library has given a picture its id. */
  const stepsOf = new WeakMap<FinishedPicture, readonly KeptStep[]>();
  const promptsOf = new WeakMap<FinishedPicture, ResolvedPrompts>();

  const filesOf = new WeakMap<FinishedPicture, NamedFiles>();
  const locateImageModel = (id: string) => catalog.locate(imageModel(id).id);
  const filePorts = { inputs, timeline, resources, locateImageModel };

  return {
    checkRequest(request) {
      const { spatialFactor } = imageModel(request.modelId);
      if (request.grid) planRequest(request, request.grid, spatialFactor);
      for (const picture of picturesOf(request)) {
        checkSides(picture, imageModel(picture.modelId));
        checkNames(picture, filePorts);
      }
    },

    async draw(imageSettings, signal, onEvent) {
      const model = locateImageModel(imageSettings.modelId);
      const resolved = await prompts.resolve(imageSettings);
      const named = await findDrawFiles({ ...imageSettings, ...resolved }, filePorts);
      await using lease = await supervisor.lease(signal);
      const events = lease.client['engine.draw'](
        {
          model,
          settings: { ...imageSettings, ...resolved },
          files: named.files,
          previews: true,
          keepLatents: true,
        },
        { signal },
      );
      const { livePreview } = settings.get();
      const steps: KeptStep[] = [];
      for await (const event of events) {
        if (event.kind === 'step') steps.push(event);
        onEvent(event.kind === 'step' && !livePreview ? { ...event, preview: null } : event);
        if (event.kind !== 'image') continue;
        stepsOf.set(event, steps);
        promptsOf.set(event, resolved);
        filesOf.set(event, named);
        return event;
      }
      throw new StudioError('internal', 'The engine ended without a picture. Try again.');
    },

    async store(picture, imageSettings, jobId, pictureIndex) {
      const { rgb, width, height, provider, durationMs } = picture;
      const { prompt, negativePrompt } = promptsOf.get(picture) ?? imageSettings;
      const recipe: Recipe = {
        version: 1,
        settings: imageSettings,
        resolvedPrompt: prompt,
        ...(negativePrompt === imageSettings.negativePrompt
          ? {}
          : { resolvedNegativePrompt: negativePrompt }),
        modelName: catalog.find(imageSettings.modelId).name,
        modelHash: await catalog.hash(imageSettings.modelId, new AbortController().signal),
        provider,
        versions: { atelier: version, onnxruntime: supervisor.onnxruntimeVersion ?? 'unknown' },
        jobId,
        pictureIndex,
        createdAt: now(),
        durationMs,
        resources: [...((await filesOf.get(picture)?.record()) ?? [])],
        sheet: null,
      };
      const { embedRecipe } = settings.get();
      const { id } = await library.addImage({ rgb, width, height, recipe, embedRecipe });
      timeline.put(id, stepsOf.get(picture) ?? []);
      return id;
    },

    storeSheet: (job, signal) =>
      storeSheet(job, signal, { library, now, embedRecipe: () => settings.get().embedRecipe }),

    storedPictures: (jobId) => library.finishedPictures(jobId),
  };
}

/** @throws {StudioError} `bad-request` with the nearest side that the model can draw */
function checkSides({ width, height }: ImageSettings, { spatialFactor }: ImageModel): void {
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
}
