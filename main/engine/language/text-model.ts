/** A text model's folder in the Hugging Face ONNX layout: everything but the weights, parsed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelLocation } from '../../../contract/engine.ts';
import { StudioError } from '../../../contract/errors.ts';
import { createChatTemplate, type ChatTemplate } from './chat-template.ts';
import { findGraphs, type TextGraph } from './graph-choice.ts';
import { createTextTokenizer, type TextTokenizer } from './tokenizer.ts';

export interface TextModel {
  readonly id: string;
  /** Of the most exact weights: `graphs[0].path`. */
  readonly graphPath: string;
  /** Ways to run it, most exact first; at least one. */
  readonly graphs: readonly TextGraph[];
  readonly tokenizer: TextTokenizer;
  readonly vocabularySize: number;
  /** Tokens that prompt and continuation may have together. */
  readonly contextLength: number;
  /** Any of these ends the text. */
  readonly endIds: ReadonlySet<number>;
  /** What an empty prompt starts from; null if the model names none. */
  readonly startId: number | null;
  /** Puts turns together; null if the model was not made for conversations. */
  readonly chatTemplate: ChatTemplate | null;
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
const NamedToken = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const Template = z.union([
  z.string(),
  z.array(z.looseObject({ name: z.string(), template: z.string() })),
]);
const TokenizerConfig = z.looseObject({
  bos_token: NamedToken,
  eos_token: NamedToken,
  unk_token: NamedToken,
  pad_token: NamedToken,
  chat_template: Template.nullish(),
});

/** For models that do not say; every decoder in use was trained on at least this. */
const fallbackContextLength = 1024;

/** The files whose change makes a loaded model stale. */
export const textModelFiles = [
  'config.json',
  'generation_config.json',
  'tokenizer_config.json',
  'tokenizer.json',
  'chat_template.jinja',
  'chat_template.json',
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

  const named = Object.fromEntries(
    (['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const).flatMap((name) => {
      const token = tokenizerConfig[name];
      return token ? [[name, typeof token === 'string' ? token : token.content]] : [];
    }),
  );
  const endIds = [generation.eos_token_id ?? config.eos_token_id ?? []].flat();
  // Models made for conversations end a turn with a token that only the tokenizer may name.
  const turnEnd = named['eos_token'] === undefined ? null : tokenizer.idOf(named['eos_token']);
  const heads = config.num_attention_heads ?? config.n_head ?? null;
  const width = config.hidden_size ?? config.n_embd ?? null;
  const graphs = await findGraphs(folder);
  return {
    id,
    graphPath: graphs[0]?.path ?? '',
    graphs,
    tokenizer,
    vocabularySize: config.vocab_size,
    contextLength: config.max_position_embeddings ?? config.n_positions ?? fallbackContextLength,
    endIds: new Set(turnEnd === null ? endIds : [...endIds, turnEnd]),
    startId: generation.bos_token_id ?? config.bos_token_id ?? endIds[0] ?? turnEnd,
    chatTemplate: await findChatTemplate(folder, tokenizerConfig.chat_template ?? null, named),
    keyValueHeads: config.num_key_value_heads ?? heads,
    headSize: config.head_dim ?? (heads !== null && width !== null ? width / heads : null),
  };
}

/** A file of its own goes before what the tokenizer's settings hold, as in transformers. */
async function findChatTemplate(
  folder: string,
  ofTokenizer: z.infer<typeof Template> | null,
  named: Readonly<Record<string, string>>,
): Promise<ChatTemplate | null> {
  const path = join(folder, 'chat_template.jinja');
  const own = await readFile(path, 'utf8').catch(() => null);
  if (own !== null) return createChatTemplate(own, named, path);
  const jsonPath = join(folder, 'chat_template.json');
  const json = await readJson(jsonPath, z.looseObject({ chat_template: z.string().nullish() }), {});
  if (json.chat_template) return createChatTemplate(json.chat_template, named, jsonPath);
  const source =
    typeof ofTokenizer === 'string' || ofTokenizer === null
      ? ofTokenizer
      : (ofTokenizer.find(({ name }) => name === 'default') ?? ofTokenizer[0])?.template;
  return source ? createChatTemplate(source, named, join(folder, 'tokenizer_config.json')) : null;
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
