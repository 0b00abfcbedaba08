/**
 * Decoding as a writer waits for it, with models of usual shapes and random weights: models/recipes/bench
 * makes them. Their folder is named by ATELIER_BENCH_TEXT_MODELS; without it the scenarios that need
 * them are skipped.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { createDecoder, type DecoderSessions } from '../main/engine/language/decoder.ts';
import type { Session } from '../main/engine/session.ts';

const folder = process.env['ATELIER_BENCH_TEXT_MODELS'] ?? '';

export interface TextModelFiles {
  readonly name: string;
  readonly graphPath: string;
  readonly vocabularySize: number;
  readonly contextLength: number;
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
  max_position_embeddings: z.number(),
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
        contextLength: config.max_position_embeddings,
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
 * Reads a prompt of `context` tokens and goes on with the engine's own decoder and cache.
 * @param session stays the caller's
 */
export async function startText(
  session: Session,
  model: TextModelFiles,
  context: number,
): Promise<Text> {
  const allocate: DecoderSessions['allocate'] = (type, dims) => session.allocate(type, dims);
  const decoder = createDecoder({ session, allocate }, model);
  const prompt = Array.from(
    { length: context },
    (_, index) => (index * 7919) % model.vocabularySize,
  );
  const startedAt = performance.now();
  let next = largestOf(await decoder.prefill(prompt));
  const prefillMs = performance.now() - startedAt;
  return {
    prefillMs,
    async write(tokens) {
      const tokenMs: number[] = [];
      for (let index = 0; index < tokens; index += 1) {
        const tokenAt = performance.now();
        next = largestOf(await decoder.forward([next]));
        tokenMs.push(performance.now() - tokenAt);
      }
      return tokenMs;
    },
    [Symbol.dispose]: () => decoder[Symbol.dispose](),
  };
}

function largestOf(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1)
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  return best;
}
