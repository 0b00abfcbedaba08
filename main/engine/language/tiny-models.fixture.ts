/** Folders of the tiny models, put together from their graphs and the tokenizers that they share. */
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type RuntimeName, runtimeParts } from '../runtime/runtimes.fixture.ts';
import { createSessionPool, type OnnxSessionPool } from '../runtime/session-pool.ts';
import { loadTextModel, type TextModel } from './text-model.ts';

export const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));

const ids = z.array(z.number());
const Golden = z.object({
  tokenizer: z.string(),
  prompt: z.string(),
  promptIds: ids,
  logits: ids,
  surprisals: ids,
  greedyIds: ids,
  endIds: ids,
  beams: z.array(
    z.object({
      num_beams: z.number(),
      length_penalty: z.number(),
      early_stopping: z.union([z.boolean(), z.literal('never')]),
      repetition_penalty: z.number().default(1),
      no_repeat_ngram_size: z.number().default(0),
      ids: z.array(ids),
      scores: ids,
    }),
  ),
});
export type Golden = z.infer<typeof Golden>;

/** Each in another arrangement of files and inputs. */
export const families = [
  'smollm',
  'qwen2',
  'qwen3',
  'gemma',
  'gemma2',
  'gemma3',
  'phi',
  'phi3',
  'gpt2',
] as const;
export type Family = (typeof families)[number];

/** What transformers computes; made by models/recipes/golden/tiny_decoders.py. */
export function goldenOf(family: Family): Golden {
  const file = path.join(fixtures, `tiny-${family}.golden.json`);
  return Golden.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export interface TinyModels extends AsyncDisposable {
  readonly pool: OnnxSessionPool;
  readonly folder: string;
  load(family: Family): Promise<TextModel>;
}

/** @param runtime the one that tests usually run on if left out */
export async function openTinyModels(runtime?: RuntimeName): Promise<TinyModels> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atelier-tiny-'));
  const pool = createSessionPool({
    ...(await runtimeParts(runtime)),
    provider: 'cpu',
    threads: 1,
    memoryBudgetBytes: 2 ** 30,
    cacheFolder: path.join(folder, 'cache'),
  });
  const loaded = new Map<Family, Promise<TextModel>>();

  async function assemble(family: Family): Promise<TextModel> {
    const target = path.join(folder, family);
    await cp(path.join(fixtures, `tiny-${family}`), target, { recursive: true });
    await cp(path.join(fixtures, 'tokenizers', goldenOf(family).tokenizer), target, {
      recursive: true,
    });
    return loadTextModel({ id: family, folder: target });
  }

  return {
    pool,
    folder,
    load(family) {
      const model = loaded.get(family) ?? assemble(family);
      loaded.set(family, model);
      return model;
    },
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
