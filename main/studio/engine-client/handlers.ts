/** Procedures that the engine answers: its state, token counts, text. */
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
  'system.engine' | 'system.restartEngine' | 'prompt.count' | 'write.generate'
> {
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
      const { id, folder } = usableModel(request.modelId, 'text');
      const seeded = { ...request, seed: request.seed ?? drawSeed() };
      await using lease = await supervisor.lease(signal);
      yield* lease.client['engine.write']({ model: { id, folder }, request: seeded }, { signal });
    },
  };
}
