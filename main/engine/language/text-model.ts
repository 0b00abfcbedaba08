/** A text model's folder in the Hugging Face ONNX layout: everything but the weights, parsed. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelLocation } from '../../../contract/engine.ts';
import { StudioError } from '../../../contract/errors.ts';
import { createTextTokenizer, type TextTokenizer } from './tokenizer.ts';

export interface TextModel {
  readonly id: string;
  readonly graphPath: string;
  readonly tokenizer: TextTokenizer;
  readonly vocabularySize: number;
  /** Tokens that prompt and continuation may have together. */
  readonly contextLength: number;
  /** Any of these ends the text. */
  readonly endIds: ReadonlySet<number>;
  /** What an empty prompt starts from; null if the model names none. */
  readonly startId: number | null;
  /** Shape of the KV cache where the graph leaves it open. */
  readonly keyValueHeads: number | null;
  readonly headSize: number | null;
}

const TokenIds = z.union([z.number().int(), z.array(z.number().int())]).nullish();
const size = z.number().int().positive().nullish();

const Config = z.looseObject({
  vocab_size: z.number().int().positive(),
  bos_token_id: z.number().int().nullish(),
  eos_token_id: TokenIds,
  max_position_embeddings: size,
  n_positions: size,
  hidden_size: size,
  n_embd: size,
  num_attention_heads: size,
  n_head: size,
  num_key_value_heads: size,
  head_dim: size,
});
const GenerationConfig = z.looseObject({
  bos_token_id: z.number().int().nullish(),
  eos_token_id: TokenIds,
});
const TokenizerConfig = z.looseObject({});

/** For models that do not say; every decoder in use was trained on at least this. */
const fallbackContextLength = 1024;

/** Exact weights first: whoever wants a smaller model keeps only that one in the folder. */
const graphNames = [
  'model.onnx',
  'model_merged.onnx',
  'decoder_model_merged.onnx',
  'model_q8.onnx',
  'model_quantized.onnx',
  'model_int8.onnx',
  'model_uint8.onnx',
  'model_fp16.onnx',
  'model_q4.onnx',
  'model_q4f16.onnx',
  'model_bnb4.onnx',
] as const;

/** The files whose change makes a loaded model stale. */
export const textModelFiles = [
  'config.json',
  'generation_config.json',
  'tokenizer_config.json',
  'tokenizer.json',
] as const;

/** @throws {StudioError} `model-missing` or `model-invalid`, naming the file; `unsupported` */
export async function loadTextModel({ id, folder }: ModelLocation): Promise<TextModel> {
  const config = await readJson(join(folder, 'config.json'), Config);
  const generation = await readJson(join(folder, 'generation_config.json'), GenerationConfig, {});
  const tokenizerConfig = await readJson(
    join(folder, 'tokenizer_config.json'),
    TokenizerConfig,
    {},
  );
  const tokenizerPath = join(folder, 'tokenizer.json');
  const tokenizer = createTextTokenizer(
    await readJson(tokenizerPath, z.unknown()),
    tokenizerConfig,
    tokenizerPath,
  );

  const endIds = generation.eos_token_id ?? config.eos_token_id ?? [];
  const heads = config.num_attention_heads ?? config.n_head ?? null;
  const width = config.hidden_size ?? config.n_embd ?? null;
  return {
    id,
    graphPath: await findGraph(folder),
    tokenizer,
    vocabularySize: config.vocab_size,
    contextLength: config.max_position_embeddings ?? config.n_positions ?? fallbackContextLength,
    endIds: new Set(typeof endIds === 'number' ? [endIds] : endIds),
    startId:
      generation.bos_token_id ??
      config.bos_token_id ??
      (typeof endIds === 'number' ? endIds : (endIds[0] ?? null)),
    keyValueHeads: config.num_key_value_heads ?? heads,
    headSize: config.head_dim ?? (heads !== null && width !== null ? width / heads : null),
  };
}

async function findGraph(folder: string): Promise<string> {
  for (const place of [join(folder, 'onnx'), folder]) {
    const present = new Set(await readdir(place).catch(() => []));
    const name = graphNames.find((candidate) => present.has(candidate));
    if (name) return join(place, name);
  }
  throw missing(join(folder, 'onnx', 'model.onnx'));
}

/** @param fallback what a missing file stands for; without it the file must be there */
async function readJson<T extends z.ZodType>(
  path: string,
  schema: T,
  fallback?: z.output<T>,
): Promise<z.output<T>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (fallback !== undefined) return fallback;
    throw missing(path, cause);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? describe(cause) : 'it is not valid JSON';
    throw new StudioError(
      'model-invalid',
      `The model file ${path} is damaged: ${why}. Import the model again.`,
      { file: path },
      { cause },
    );
  }
}

function describe({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'it has another shape than expected';
}

function missing(path: string, cause?: unknown): StudioError {
  return new StudioError(
    'model-missing',
    `The model file ${path} is not there. Import the model again.`,
    { file: path },
    { cause },
  );
}
