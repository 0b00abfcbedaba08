/**
 * The composition root: one studio for every host.
 *
 * Promises: what is opened is closed in reverse order, also when opening fails half-way; every
 * client, in this process or beyond a wire, meets the same parsing and the same errors.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineConfig } from '../../contract/engine.ts';
import { StudioError } from '../../contract/errors.ts';
import type { Model } from '../../contract/models.ts';
import { TokenizeRequest } from '../../contract/reading.ts';
import type { Settings } from '../../contract/settings.ts';
import { studioContract, type StudioClient, type StudioHandlers } from '../../contract/studio.ts';
import type { StudioInfo } from '../../contract/system.ts';
import type { ThumbnailSize } from '../../contract/thumbnail-sizes.ts';
import { createClient } from '../../contract/wire/client.ts';
import { createLocalTransportPair } from '../../contract/wire/local-transport.ts';
import { serve } from '../../contract/wire/server.ts';
import type { Transport } from '../../contract/wire/transport.ts';
import { activityHandlers } from './activity/activity-handlers.ts';
import { openActivity } from './activity/activity.ts';
import { openCatalog } from './catalog/catalog.ts';
import { modelsHandlers } from './catalog/models-handlers.ts';
import { engineHandlers } from './engine-client/handlers.ts';
import { createEngineSupervisor } from './engine-client/supervisor.ts';
import { openExports } from './export/exports-handlers.ts';
import { createPicturePorts as createExportPictures } from './export/pictures/picture-ports.ts';
import type { HostPorts } from './host-ports.ts';
import { paceBackground } from './jobs/background-pace.ts';
import { queueHandlers } from './jobs/handlers.ts';
import { openJournal } from './jobs/journal.ts';
import { createPicturePorts } from './jobs/picture-ports.ts';
import { createQueue } from './jobs/queue.ts';
import { inputsHandlers } from './inputs/inputs-handlers.ts';
import { createInputs } from './inputs/inputs.ts';
import type { AssetKind } from './library/asset-address.ts';
import { imageIdOf } from './library/image-rows.ts';
import { importsHandlers } from './library/imports/imports-handlers.ts';
import { openImports } from './library/imports/imports.ts';
import { imagesHandlers } from './library/images-handlers.ts';
import { openLibrary, type Asset } from './library/library.ts';
import { reuseHandlers } from './library/reuse-handlers.ts';
import { createPrompts } from './prompts/prompts.ts';
import { promptsHandlers } from './prompts/prompts-handlers.ts';
import { openResources } from './resources/resources.ts';
import { resourcesHandlers } from './resources/resources-handlers.ts';
import { pathHandlers } from './serving/path-handlers.ts';
import { openSettings } from './settings/settings.ts';
import { settingsHandlers } from './settings/settings-handlers.ts';
import { storageError } from './storage-error.ts';
import { createTimeline } from './timeline/timeline.ts';
import { inBatches } from './writing/generate-text.ts';
import { createDocumentFiles } from './writing/files/document-files.ts';
import { writingPresetsHandlers } from './writing/presets/presets-handlers.ts';
import { openWriting } from './writing/writing.ts';

export interface Studio {
  /** The contract within this process. */
  readonly client: StudioClient;
  /** Serves one connection until it closes. */
  serve(transport: Transport): void;
  /** The file behind an address of the window. @throws {StudioError} `not-found` */
  /** @param thumbnailSize of a thumbnail; 384 if left out */
  resolveAsset(kind: AssetKind, id: string, thumbnailSize?: ThumbnailSize): Promise<Asset>;
  /** Notes a network request of the window's in the activity log. */
  logNetwork(url: string, allowed: boolean): void;
  /** Aborts the picture in progress, which is made at the next start, and ends the engine. */
  close(): Promise<void>;
}

/**
 * @throws {StudioError} `library-locked`, `library-newer`, `library-read-only`, `disk-full`; then
 *   nothing stays open
 */
export async function createStudio(ports: HostPorts): Promise<Studio> {
  const { paths, now, drawSeed } = ports;
  await using opened = new AsyncDisposableStack();
  for (const folder of [paths.data, paths.library]) {
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw storageError(error, folder);
    });
  }

  const activity = opened.adopt(await openActivity({ dataFolder: paths.data, now }), (open) =>
    open.close(),
  );
  const logAs =
    (kind: 'engine' | 'job' | 'library' | 'network') =>
    (level: 'info' | 'warning' | 'error', text: string) =>
      activity.log(kind, level, text);
  const settings = await openSettings({ dataFolder: paths.data, now, log: logAs('library') });
  const library = opened.adopt(
    await openLibrary({
      folder: paths.library,
      cacheFolder: paths.cache,
      // A command is over before anyone moves files.
      followsFiles: ports.kind !== 'cli',
      log: logAs('library'),
    }),
    (open) => open.close(),
  );
  // A command asks once: it is answered from what lies in the folders now. Why that failed stands in the log.
  if (ports.kind === 'cli') await library.healed.catch(() => {});
  const imports = opened.adopt(
    await openImports({
      dataFolder: paths.data,
      libraryFolder: paths.library,
      library,
      resumes: ports.resumesQueue,
      now,
      wait: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => {}),
      log: logAs('library'),
    }),
    (open) => open.close(),
  );
  // Its thread starts while the rest is opened.
  const openingWriting = openWriting({
    libraryFolder: paths.library,
    text: {
      textModel: (id) => usableModel(id, 'text'),
      modelHash: (id, signal) => catalog.hash(id, signal),
      provider: () => supervisor.status.provider,
      writeAlternatives: inBatches(
        (request, signal) => engine['write.generate'](request, { signal }),
        (request, count, signal) => engine['write.alternatives']({ request, count }, { signal }),
      ),
      drawSeed,
      tokenize: async (request, signal) => {
        const { text, tokens } = await engine['write.tokenize'](TokenizeRequest.parse(request), {
          signal,
        });
        return { text, tokens };
      },
      engineStart: () => supervisor.status.pid,
    },
    oldPage: () => settings.draft('write.page'),
    now,
    log: logAs('library'),
  });
  opened.defer(async () => (await openingWriting.catch(() => null))?.close());
  const inputs = createInputs(paths.library);
  const timeline = createTimeline();
  const prompts = createPrompts({ libraryFolder: paths.library, log: logAs('job') });
  const catalog = opened.adopt(
    await openCatalog({
      bundledModels: paths.bundledModels,
      libraryModels: path.join(paths.library, 'models'),
      dataFolder: paths.data,
      log: logAs('library'),
    }),
    (open) => open.close(),
  );
  const resources = opened.adopt(
    await openResources({
      folder: path.join(paths.library, 'adapters'),
      dataFolder: paths.data,
      log: logAs('library'),
    }),
    (open) => open.close(),
  );
  const supervisor = opened.adopt(
    createEngineSupervisor({
      fork: () => ports.forkEngine(),
      config: engineConfigOf(settings.get(), paths.cache),
      log: logAs('engine'),
    }),
    (open) => open.close(),
  );
  const journal = await openJournal(path.join(paths.library, 'queue.jsonl'));
  const queue = opened.adopt(
    await createQueue(journal, {
      ...createPicturePorts({
        catalog,
        supervisor,
        library,
        settings,
        inputs,
        timeline,
        resources,
        prompts,
        version: ports.version,
        now,
      }),
      resumes: ports.resumesQueue,
      now,
      drawSeed,
      log: logAs('job'),
    }),
    (open) => open.close(),
  );
  const engine = engineHandlers({
    supervisor,
    usableModel,
    drawSeed,
    resolveEach: prompts.resolveEach,
  });
  const closing = new AbortController();
  opened.defer(() => closing.abort());
  void followSettings();
  void paceBackground(queue.watch(closing.signal), library.setBackgroundPace);

  async function followSettings(): Promise<void> {
    for await (const changed of settings.watch(closing.signal)) {
      await supervisor.configure(engineConfigOf(changed, paths.cache)).catch((error: unknown) => {
        activity.log('engine', 'error', StudioError.from(error).message);
      });
    }
  }

  function usableModel<K extends Model['kind']>(id: string, kind: K): Extract<Model, { kind: K }> {
    const model = catalog.find(id);
    if (!isOfKind(model, kind)) {
      throw new StudioError(
        'bad-request',
        `"${model.name}" is not ${kind === 'text' ? 'a text' : 'an image'} model. Choose another.`,
        { id },
      );
    }
    return model;
  }

  // What serves the other end comes below.
  const [near, far] = createLocalTransportPair();
  const client = createClient(studioContract, near);
  opened.defer(() => near.close('The studio is closing.'));
  const documents = createDocumentFiles({
    libraryFolder: paths.library,
    writing: client,
    picturePath: (contentHash) =>
      library.resolveAsset('image', imageIdOf(contentHash, 0)).then(
        (asset) => asset.path,
        () => null,
      ),
    reveal: ports.reveal,
    now,
  });

  function resolveAsset(
    kind: AssetKind,
    id: string,
    thumbnailSize?: ThumbnailSize,
  ): Promise<Asset> {
    switch (kind) {
      case 'input':
        return inputs.resolveAsset(id);
      case 'export':
        return documents.resolveAsset(id);
      case 'image':
      case 'thumbnail':
        return library.resolveAsset(kind, id, thumbnailSize);
      default:
        return kind satisfies never;
    }
  }

  const writing = await openingWriting;
  const exporting = opened.adopt(
    await openExports({
      dataFolder: paths.data,
      libraryFolder: paths.library,
      pictures: createExportPictures(client),
      version: ports.version,
      resumes: ports.resumesQueue,
      reveal: ports.reveal,
      now,
      log: logAs('job'),
    }),
    (open) => open.close(),
  );
  const handlers: StudioHandlers = {
    ...settingsHandlers(settings),
    ...modelsHandlers(catalog),
    ...importsHandlers(imports),
    ...imagesHandlers(library, ports.reveal),
    ...exporting.handlers,
    ...library.care,
    ...reuseHandlers({ library, catalog, resources }),
    ...inputsHandlers(inputs, library, supervisor),
    ...resourcesHandlers(resources),
    ...promptsHandlers(prompts, library),
    ...activityHandlers(activity),
    'timeline.get': ({ imageId }) => Promise.resolve(timeline.previews(imageId)),
    ...queueHandlers(queue),
    ...engine,
    ...writing.handlers,
    ...documents.handlers,
    ...writingPresetsHandlers(paths.library),
    ...pathHandlers(ports.choosePath),
    'system.info': async (): Promise<StudioInfo> => {
      // Fails only if the engine cannot be started; its version is then not to be had.
      await supervisor.client().catch(() => null);
      return {
        version: ports.version,
        host: ports.kind,
        platform: `${process.platform}-${process.arch}`,
        nodeVersion: process.versions.node,
        onnxruntimeVersion: supervisor.onnxruntimeVersion ?? 'unknown',
        libraryFolder: paths.library,
        dataFolder: paths.data,
        modelFolders: [paths.bundledModels, path.join(paths.library, 'models')],
        canReveal: ports.reveal !== null,
        canChoosePath: ports.choosePath !== null,
      };
    },
  };

  function serveStudio(transport: Transport): void {
    serve(studioContract, handlers, transport, {
      onInternalError: (name, error) =>
        activity.log('engine', 'error', `${name}: ${error.message}`),
    });
  }

  serveStudio(far);
  exporting.begin();
  const owned = opened.move();

  return {
    client,
    serve: serveStudio,
    resolveAsset,
    logNetwork(url, allowed) {
      activity.log(
        'network',
        allowed ? 'info' : 'warning',
        `${allowed ? 'Allowed' : 'Refused'}: ${url}`,
      );
    },
    close: () => owned.disposeAsync(),
  };
}

function engineConfigOf(
  { provider, partProviders, threads, memoryBudgetBytes }: Settings,
  cacheFolder: string,
): EngineConfig {
  return { provider, partProviders, threads, memoryBudgetBytes, cacheFolder };
}

function isOfKind<K extends Model['kind']>(
  model: Model,
  kind: K,
): model is Extract<Model, { kind: K }> {
  return model.kind === kind;
}
