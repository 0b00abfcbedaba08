/** The adapters of a picture, put into the graphs of its model. */
import path from 'node:path';
import { z } from 'zod';
import type { DrawFiles } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import { embeddingsNamedIn } from '../../../../contract/prompt/embedding-names.ts';
import type { SessionPool } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { EvaluationWatcher } from '../evaluation-watcher.ts';
import { inputSpec, realTensor } from '../graph-tensors.ts';
import type { ImageModel, TextEncoder } from '../image-model.ts';
import { readModelJson } from '../model-files.ts';
import { adaptPool, type Adaptation, type Feeder } from './adapted-pool.ts';
import { openControlNets } from './control-nets.ts';
import {
  embeddingFeeder,
  openEmbedding,
  withEmbeddings,
  type WordEmbedding,
} from './embeddings.ts';
import { freeUFeeder } from './free-u.ts';
import { createLoraStore, type LowRankTerms } from './lora-store.ts';
import type { AdaptedPart } from './lora-names.ts';

const UnetLevels = z.object({ block_out_channels: z.array(z.number()) });

/** What a picture is drawn with instead. */
export interface Adapted {
  /** Its sessions of this model's graphs are adapted; all others are those of the pool given. */
  readonly pool: SessionPool;
  readonly model: ImageModel;
  readonly watcher: EvaluationWatcher | null;
}

export interface Adapters {
  /** @throws {StudioError} `not-found`, `bad-request`, `model-invalid`, `unsupported`, naming file and tensor */
  adapt(
    pool: SessionPool,
    model: ImageModel,
    settings: ImageSettings,
    files: DrawFiles,
  ): Promise<Adapted>;
}

/** Holds what was read, for the next picture. */
export function createAdapters(): Adapters {
  const store = createLoraStore();

  return {
    async adapt(pool, model, settings, files) {
      store.keepOnly(files.loras);
      checkKind(model, settings);
      const adaptations = new Map<string, Adaptation>();
      const words = await openWords(model, settings, files);
      const controls =
        files.controls.length > 0
          ? await openControlNets(model, settings.controls, files.controls, {
              guidanceScale: settings.guidanceScale,
              vae: files.vae,
            })
          : null;
      for (const { parts, graph } of adaptedGraphs(model)) {
        const isDenoiser = graph === model.graphs.denoiser;
        const terms = await termsOf(pool, parts, graph, files.loras);
        const feeders: Feeder[] = terms ? [lowRankFeeder(terms)] : [];
        const encoder = model.textEncoders.find((own) => own.graph === graph);
        const own = (encoder && words.get(encoder.part)) ?? [];
        const takesWords = own.length > 0;
        const takesControls = isDenoiser && controls !== null;
        if (encoder && takesWords)
          feeders.push(embeddingFeeder(encoder.tokenizer.vocabularySize, own));
        if (takesControls) feeders.push(controls.feeder);
        const freeU = isDenoiser ? settings.freeU : null;
        if (freeU) feeders.push(freeUFeeder(freeU, await levelsOf(model)));
        const int8Linear = isDenoiser && settings.linearLayers === 'int8';
        if (feeders.length === 0 && !int8Linear) continue;
        const lowRank = terms?.modules ?? [];
        const edit = {
          lowRank,
          controlResiduals: takesControls,
          freeU: freeU !== null,
          tokenEmbeddings: takesWords,
          int8Linear,
          skippedLayers: 0,
        };
        adaptations.set(graph, { edit, feeders });
      }
      const read = (encoder: TextEncoder): TextEncoder => {
        const own = words.get(encoder.part) ?? [];
        if (own.length === 0) return encoder;
        return { ...encoder, tokenizer: withEmbeddings(encoder.tokenizer, own) };
      };
      const [first, ...others] = model.textEncoders;
      return {
        pool: adaptations.size === 0 ? pool : adaptPool(pool, adaptations),
        model: { ...model, textEncoders: [read(first), ...others.map(read)] },
        watcher: controls?.watcher ?? null,
      };
    },
  };

  async function termsOf(
    pool: SessionPool,
    parts: readonly AdaptedPart[],
    graph: string,
    loras: DrawFiles['loras'],
  ): Promise<LowRankTerms | null> {
    const used = loras.filter(
      ({ unetWeight, textWeight }) => (parts.includes('denoiser') ? unetWeight : textWeight) !== 0,
    );
    if (used.length === 0) return null;
    const terms = await store.combine(used, parts, await pool.modules(graph));
    return terms.modules.length > 0 ? terms : null;
  }
}

function checkKind({ id, flow }: ImageModel, { freeU }: ImageSettings): void {
  if (!flow || !freeU) return;
  throw new StudioError(
    'unsupported',
    `FreeU is made for UNets, and "${id}" is a transformer. Draw without it, or choose a Stable Diffusion 1, 2 or XL.`,
    { id },
  );
}

async function levelsOf({ graphs }: ImageModel): Promise<number> {
  const config = await readModelJson(
    path.join(path.dirname(graphs.denoiser), 'config.json'),
    UnetLevels,
  );
  return config.block_out_channels.length;
}

/** As files for several encoders name their tensors. */
const embeddingKeys = { textEncoder: 'clip_l', textEncoder2: 'clip_g' } as const;

async function openWords(
  { textEncoders }: ImageModel,
  { prompt, negativePrompt }: ImageSettings,
  { embeddings }: DrawFiles,
): Promise<ReadonlyMap<AdaptedPart, readonly WordEmbedding[]>> {
  const named = embeddingsNamedIn(embeddings, [prompt, negativePrompt]);
  return new Map(
    await Promise.all(
      textEncoders.map(
        async ({ part }) =>
          [
            part,
            await Promise.all(named.map((file) => openEmbedding(file, [embeddingKeys[part]]))),
          ] as const,
      ),
    ),
  );
}

/** Graphs that LoRA files change, and the names that files have for each. */
function adaptedGraphs({ textEncoders, flow, graphs }: ImageModel): readonly {
  readonly parts: readonly AdaptedPart[];
  readonly graph: string;
}[] {
  const sentences = flow?.sentenceEncoder;
  // diffusers counts the encoders of a model; kohya's scripts keep the third place for T5.
  const ofSentences: readonly AdaptedPart[] =
    flow?.kind === 'flux' ? ['textEncoder2', 'textEncoder3'] : ['textEncoder3'];
  return [
    ...textEncoders.map(({ part, graph }) => ({ parts: [part], graph })),
    ...(sentences ? [{ parts: ofSentences, graph: sentences.graph }] : []),
    { parts: ['denoiser'], graph: graphs.denoiser },
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
