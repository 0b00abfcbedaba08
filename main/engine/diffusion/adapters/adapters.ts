/** The adapters of a picture, put into the graphs of its model. */
import type { DrawFiles } from '../../../../contract/engine.ts';
import type { SessionPool } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { inputSpec, realTensor } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { adaptPool, type Adaptation, type Feeder } from './adapted-pool.ts';
import { createLoraStore, type LowRankTerms } from './lora-store.ts';
import type { AdaptedPart } from './lora-names.ts';

export interface Adapters {
  /**
   * A pool whose sessions of this model's graphs are adapted; all others are the given pool's.
   * @throws {StudioError} `not-found`, `model-invalid`, `unsupported`, naming file and tensor
   */
  adapt(pool: SessionPool, model: ImageModel, files: DrawFiles): Promise<SessionPool>;
}

/** Holds what was read, for the next picture. */
export function createAdapters(): Adapters {
  const store = createLoraStore();

  return {
    async adapt(pool, model, { loras }) {
      store.keepOnly(loras);
      const adaptations = new Map<string, Adaptation>();
      for (const [part, graph] of partsOf(model)) {
        const used = loras.filter(
          ({ unetWeight, textWeight }) => (part === 'denoiser' ? unetWeight : textWeight) !== 0,
        );
        if (used.length === 0) continue;
        const terms = await store.combine(used, part, await pool.modules(graph));
        if (terms.modules.length === 0) continue;
        adaptations.set(graph, {
          edit: { lowRank: terms.modules, controlResiduals: false, tokenEmbeddings: false },
          feeders: [lowRankFeeder(terms)],
        });
      }
      return adaptations.size === 0 ? pool : adaptPool(pool, adaptations);
    },
  };
}

function partsOf({ graphs }: ImageModel): readonly (readonly [AdaptedPart, string])[] {
  return [
    ['textEncoder', graphs.textEncoder],
    ['denoiser', graphs.unet],
  ];
}

/** The same tensors at every run, made for the type of the graph at the first. */
function lowRankFeeder({ values }: LowRankTerms): Feeder {
  let tensors: Readonly<Record<string, Tensor>> | null = null;
  return {
    feed(session) {
      tensors ??= Object.fromEntries(
        [...values].map(([name, own]) => [
          name,
          realTensor(inputSpec(session, name), own.values, own.dims),
        ]),
      );
      return Promise.resolve(tensors);
    },
  };
}
