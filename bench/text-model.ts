/**
 * Decoding as a writer waits for it, with models of usual shapes and random weights: models/recipes/bench
 * makes them. Their folder is named by ATELIER_BENCH_TEXT_MODELS; without it the scenarios that need
 * them are skipped.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { RunOptions, Session, Value } from '../main/engine/session.ts';
import { tensor, type Tensor } from '../main/engine/tensor/tensor.ts';

const folder = process.env['ATELIER_BENCH_TEXT_MODELS'] ?? '';

export interface TextModelFiles {
  readonly name: string;
  readonly graphPath: string;
  readonly vocabularySize: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** What one token reads of the weights: all but the table of embeddings, of which it is one row. */
  readonly weightBytesPerToken: number;
  /** What one token reads of the cache, for each token in it. */
  readonly cacheBytesPerToken: number;
}

const Config = z.object({
  hidden_size: z.number(),
  num_hidden_layers: z.number(),
  num_key_value_heads: z.number(),
  head_dim: z.number(),
  vocab_size: z.number(),
});

export function textModelsMissing(): string | null {
  return textModels().length > 0
    ? null
    : 'needs language models: make some with models/recipes/bench/llama_shape.py and name their folder in ATELIER_BENCH_TEXT_MODELS';
}

/** Those that are there. */
export function textModels(): readonly TextModelFiles[] {
  return ['135m-q4', '135m-q8', '1.1b-q4', '1.1b-q8']
    .filter((name) => existsSync(path.join(folder, name, 'onnx/model.onnx')))
    .map((name) => {
      const config = Config.parse(
        JSON.parse(readFileSync(path.join(folder, name, 'config.json'), 'utf8')),
      );
      const graphPath = path.join(folder, name, 'onnx/model.onnx');
      const table = config.vocab_size * config.hidden_size * 4;
      return {
        name,
        graphPath,
        vocabularySize: config.vocab_size,
        keyValueHeads: config.num_key_value_heads,
        headSize: config.head_dim,
        weightBytesPerToken: statSync(`${graphPath}_data`).size - table,
        cacheBytesPerToken:
          config.num_hidden_layers * 2 * config.num_key_value_heads * config.head_dim * 4,
      };
    });
}

export interface Text extends Disposable {
  readonly prefillMs: number;
  /** Goes on greedily. @returns milliseconds of each token */
  write(tokens: number): Promise<readonly number[]>;
}

/**
 * Reads a prompt of `context` tokens. Where the session can, keys and values stay in one buffer for
 * the whole text.
 * @param session stays the caller's
 * @param capacity tokens that are to be written
 */
export async function startText(
  session: Session,
  model: TextModelFiles,
  context: number,
  capacity: number,
): Promise<Text> {
  const cache = createCache(session, model, context + capacity);
  const prompt = Array.from(
    { length: context },
    (_, index) => (index * 7919) % model.vocabularySize,
  );
  const startedAt = performance.now();
  let next = await cache.forward(prompt);
  const prefillMs = performance.now() - startedAt;
  return {
    prefillMs,
    async write(tokens) {
      const tokenMs: number[] = [];
      for (let index = 0; index < tokens; index += 1) {
        const tokenAt = performance.now();
        next = await cache.forward([next]);
        tokenMs.push(performance.now() - tokenAt);
      }
      return tokenMs;
    },
    [Symbol.dispose]: () => cache[Symbol.dispose](),
  };
}

interface Cache extends Disposable {
  /** The likeliest token after all of these. */
  forward(tokenIds: readonly number[]): Promise<number>;
}

function createCache(session: Session, model: TextModelFiles, capacity: number): Cache {
  const pasts = session.inputs.filter(({ name }) => name.startsWith('past_key_values.'));
  const shape = (length: number) => [1, model.keyValueHeads, length, model.headSize];
  const buffers = new Map<string, Value>();
  for (const { name } of pasts) {
    const buffer = session.allocate('float32', shape(capacity));
    if (buffer) buffers.set(name, buffer);
  }
  const feeds: Record<string, Tensor | Value> = Object.fromEntries(
    pasts.map(({ name }) => [
      name,
      buffers.get(name) ?? tensor('float32', new Float32Array(), shape(0)),
    ]),
  );
  const into: Record<string, Value> = Object.fromEntries(
    [...buffers].map(([name, buffer]) => [presentOf(name), buffer]),
  );
  const options: RunOptions = buffers.size > 0 ? { into } : {};
  let length = 0;

  return {
    async forward(tokenIds) {
      length += tokenIds.length;
      const outputs = await session.run(
        {
          ...feeds,
          input_ids: tensor('int64', BigInt64Array.from(tokenIds, BigInt), [1, tokenIds.length]),
          attention_mask: tensor('int64', new BigInt64Array(length).fill(1n), [1, length]),
        },
        options,
      );
      const { logits, ...present } = outputs;
      if (!logits) throw new Error('The run returned no logits.');
      const { data } = await logits.read();
      logits[Symbol.dispose]();
      for (const { name } of pasts) {
        const grown = present[presentOf(name)];
        const held = feeds[name];
        // One more holder of the buffer that is fed, or what takes the place of what was.
        const spare = buffers.has(name) ? grown : held;
        if (spare && Symbol.dispose in spare) spare[Symbol.dispose]();
        if (grown && !buffers.has(name)) feeds[name] = grown;
      }
      return largestOf(data as Float32Array);
    },
    [Symbol.dispose]() {
      for (const feed of Object.values(feeds)) if (Symbol.dispose in feed) feed[Symbol.dispose]();
    },
  };
}

const presentOf = (past: string): string => past.replace('past_key_values.', 'present.');

function largestOf(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1)
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  return best;
}
