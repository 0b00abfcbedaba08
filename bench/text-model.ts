/**
 * Decoding as a writer waits for it, with models of usual shapes and random weights: models/recipes/bench
 * makes them. Their folder is named by ATELIER_BENCH_TEXT_MODELS; without it the scenarios that need
 * them are skipped.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { WriteRequest } from '../contract/write.ts';
import { createTokenChooser } from '../main/engine/language/choose-token.ts';
import { createDecoder, type DecoderSessions } from '../main/engine/language/decoder.ts';
import { loadOnnxruntime } from '../main/engine/runtime/load-onnxruntime.ts';
import {
  loadNativeRuntime,
  type NativeRuntime,
} from '../main/engine/runtime/native/native-runtime.ts';
import { createSessionPool } from '../main/engine/runtime/session-pool.ts';
import type { Session, SessionLease } from '../main/engine/session.ts';

const folder = process.env['ATELIER_BENCH_TEXT_MODELS'] ?? '';

export interface TextModelFiles {
  readonly name: string;
  readonly folder: string;
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
        folder: path.join(folder, name),
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
  /** The tokens written so far. */
  readonly tokenIds: readonly number[];
  /** Goes on greedily. @returns milliseconds of each token, its choice and description included */
  write(tokens: number): Promise<readonly number[]>;
}

/** What both the engine and what it is compared with read. */
export function benchPrompt(
  { vocabularySize }: Pick<TextModelFiles, 'vocabularySize'>,
  tokens: number,
): number[] {
  return Array.from({ length: tokens }, (_none, index) => (index * 7919) % vocabularySize);
}

/** No text is looked at: the shapes have no tokenizer. */
const noTokenizer = {
  encode: () => [],
  encodePlain: () => [],
  bytesOf: () => new Uint8Array(),
  textOf: () => '',
  idOf: () => null,
  tokenOf: () => null,
  isSpecial: () => false,
};

/**
 * As the engine opens it for a text.
 * @param native null for onnxruntime-node
 * @param cacheFolder where the optimised graph is kept
 */
export async function openText(
  native: NativeRuntime | null,
  { name, graphPath }: TextModelFiles,
  cacheFolder: string,
): Promise<SessionLease> {
  await using owned = new AsyncDisposableStack();
  const pool = owned.use(
    createSessionPool({
      onnxruntime: await loadOnnxruntime(),
      native,
      provider: 'cpu',
      threads: 0,
      memoryBudgetBytes: 12 * 2 ** 30,
      cacheFolder,
    }),
  );
  const { session } = owned.use(await pool.borrow(name, graphPath, { runs: 'short' }));
  const kept = owned.move();
  return { session, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The runtime that text is for, and a folder for graphs that goes with it. */
export async function withNativeText<T>(
  work: (native: NativeRuntime, cacheFolder: string) => Promise<T>,
): Promise<T> {
  const load = await loadNativeRuntime();
  if (load.kind === 'unavailable') throw new Error(load.reason);
  using native = load.runtime;
  const cacheFolder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-text-'));
  try {
    return await work(native, cacheFolder);
  } finally {
    rmSync(cacheFolder, { recursive: true, force: true });
  }
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
  const chooser = createTokenChooser(
    { ...model, tokenizer: noTokenizer, endIds: new Set() },
    WriteRequest.parse({ modelId: 'bench', prompt: '', sampling: { temperature: 0 } }),
    0,
  );
  const history = benchPrompt(model, context);
  const tokenIds: number[] = [];
  function take(logits: Float32Array): number {
    const tokenId = chooser.choose(logits, history)?.tokenId ?? 0;
    chooser.accept(tokenId);
    history.push(tokenId);
    tokenIds.push(tokenId);
    return tokenId;
  }
  const startedAt = performance.now();
  let next = take(await decoder.prefill([...history]));
  const prefillMs = performance.now() - startedAt;
  return {
    prefillMs,
    tokenIds,
    async write(tokens) {
      const tokenMs: number[] = [];
      for (let index = 0; index < tokens; index += 1) {
        const tokenAt = performance.now();
        next = take(await decoder.forward([next]));
        tokenMs.push(performance.now() - tokenAt);
      }
      return tokenMs;
    },
    [Symbol.dispose]: () => decoder[Symbol.dispose](),
  };
}
