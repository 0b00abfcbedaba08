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
  /** What seeds make of a prompt with choices, each text once. */
  readonly resolveEach: (prompt: string, seeds: readonly number[]) => Promise<readonly string[]>;
}

/** Seeds whose prompts are counted at most. */
const mostCounted = 64;

export function engineHandlers({
  supervisor,
  usableModel,
  drawSeed,
  resolveEach,
}: EngineHandlerPorts): Pick<
  StudioHandlers,
  | 'system.engine'
  | 'system.restartEngine'
  | 'prompt.count'
  | 'write.generate'
  | 'write.alternatives'
  | 'write.score'
  | 'write.tokenize'
  | 'write.nextTokens'
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
    'prompt.count': async ({ modelId, prompt, seed, pictures }, { signal }) => {
      const { id, folder } = usableModel(modelId, 'image');
      const length = seed === null ? mostCounted : Math.min(pictures, mostCounted);
      const seeds = Array.from({ length }, (_, i) => (seed ?? 0) + i);
      const prompts = await resolveEach(prompt, seeds);
      const client = await supervisor.client(signal);
      const counts = await client['engine.count'](
        { model: { id, folder }, prompts: [...prompts] },
        { signal },
      );
      const longest = counts.reduce((most, own) => (own.tokens > most.tokens ? own : most));
      return {
        ...longest,
        leastTokens: Math.min(...counts.map(({ tokens }) => tokens)),
        triedSeeds: seed === null && prompts.length > 1 ? length : 0,
      };
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
    'write.nextTokens': async (request, { signal }) => {
      const model = textModel(request.modelId);
      await using lease = await supervisor.lease(signal);
      return lease.client['engine.nextTokens']({ model, request }, { signal });
    },
  };
}
