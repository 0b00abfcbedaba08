/** Procedures that the engine answers: its state, token counts, text. */
import type { ModelLocation } from '../../../contract/engine.ts';
import type { Model } from '../../../contract/models.ts';
import type { StudioHandlers } from '../../../contract/studio.ts';
import type { EngineSupervisor } from './supervisor.ts';

export interface EngineHandlerPorts {
  readonly supervisor: EngineSupervisor;
  /** @throws {StudioError} `model-missing`, `model-invalid` */
  readonly usableModel: <K extends Model['kind']>(
    id: string,
    kind: K,
  ) => Extract<Model, { kind: K }>;
  readonly drawSeed: () => number;
}

export function engineHandlers({
  supervisor,
  usableModel,
  drawSeed,
}: EngineHandlerPorts): Pick<
  StudioHandlers,
  | 'system.engine'
  | 'system.restartEngine'
  | 'prompt.count'
  | 'write.generate'
  | 'write.alternatives'
  | 'write.score'
  | 'write.tokenize'
> {
  function textModel(modelId: string): ModelLocation {
    const { id, folder } = usableModel(modelId, 'text');
    return { id, folder };
  }

  return {
    'system.engine': (_input, { signal }) => supervisor.watch(signal),
    'system.restartEngine': async () => {
      await supervisor.restart();
      return {};
    },
    'prompt.count': async ({ modelId, prompt }, { signal }) => {
      const { id, folder } = usableModel(modelId, 'image');
      const client = await supervisor.client(signal);
      return client['engine.count']({ model: { id, folder }, prompt }, { signal });
    },
    'write.generate': async function* (request, { signal }) {
      const model = textModel(request.modelId);
      const draftModel = request.draft?.kind === 'model' ? textModel(request.draft.modelId) : null;
      const seeded = { ...request, seed: request.seed ?? drawSeed() };
      await using lease = await supervisor.lease(signal);
      yield* lease.client['engine.write']({ model, draftModel, request: seeded }, { signal });
    },
    'write.alternatives': async function* ({ request, count }, { signal }) {
      const model = textModel(request.modelId);
      const seeded = { ...request, seed: request.seed ?? drawSeed() };
      await using lease = await supervisor.lease(signal);
      yield* lease.client['engine.alternatives']({ model, request: seeded, count }, { signal });
    },
    'write.score': async function* (request, { signal }) {
      const model = textModel(request.modelId);
      await using lease = await supervisor.lease(signal);
      yield* lease.client['engine.score']({ model, request }, { signal });
    },
    'write.tokenize': async (request, { signal }) => {
      const model = textModel(request.modelId);
      const client = await supervisor.client(signal);
      return client['engine.tokenize']({ model, request }, { signal });
    },
  };
}
