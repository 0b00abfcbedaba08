/** What `atelier write` was told, as a request. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ChatMessage, type DraftSettings, type WeightFormat } from '../../contract/decoding.ts';
import { StudioError } from '../../contract/errors.ts';
import type { TextModel } from '../../contract/models.ts';
import { samplingPresets } from '../../contract/sampling-fields.ts';
import type {
  LogitBias,
  SamplerStage,
  WriteConstraint,
  WriteRequest,
} from '../../contract/write.ts';
import type { StudioOptions } from './open-studio.ts';

export interface WriteOptions extends StudioOptions {
  readonly weights?: WeightFormat;
  readonly chat?: boolean;
  readonly messages?: string;
  readonly alternatives?: number;
  readonly beams?: readonly number[];
  readonly draft?: string;
  readonly draftTokens?: number;
  readonly score?: string;
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly model?: string;
  readonly preset?: string;
  readonly temperature?: number;
  readonly dynatemp?: readonly number[];
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly topNSigma?: number;
  readonly typical?: number;
  readonly xtc?: readonly number[];
  readonly dry?: readonly number[];
  readonly dryWindow?: number;
  readonly dryBreaker?: readonly string[];
  readonly repetitionPenalty?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly penaltyWindow?: number;
  /** Commander makes `--no-…` options the opposite of one without. */
  readonly repeatNgram?: number | true;
  readonly mirostat?: readonly number[];
  readonly order?: readonly SamplerStage[];
  readonly stop?: readonly string[];
  readonly ban?: readonly string[];
  readonly bias?: readonly LogitBias[];
  readonly jsonSchema?: string;
  readonly grammar?: string;
  readonly regex?: string;
  readonly logprobs?: number;
  readonly json?: boolean;
}

/**
 * Options that are left out are the preset's, or the model's where none is named.
 * @throws {StudioError} `bad-request` where a file cannot be read, or an option means nothing
 */
export async function writeRequestOf(
  prompt: string,
  { id, defaults }: Pick<TextModel, 'id' | 'defaults'>,
  options: WriteOptions,
): Promise<z.input<typeof WriteRequest>> {
  if (options.logprobs !== undefined && !options.json) {
    throw new StudioError(
      'bad-request',
      'Probabilities are printed as JSON only: add --json to --logprobs.',
    );
  }
  if (options.draftTokens !== undefined && options.draft === undefined)
    throw new StudioError('bad-request', 'Nothing guesses: add --draft to --draft-tokens.');
  const preset = samplingPresets.find((candidate) => candidate.id === options.preset);
  const [dynamicTemperatureLow, dynamicTemperatureHigh, dynamicTemperatureExponent] =
    options.dynatemp ?? [];
  const [xtcProbability, xtcThreshold] = options.xtc ?? [];
  const [dryMultiplier, dryBase, dryAllowedLength] = options.dry ?? [];
  const [mirostatTau, mirostatEta] = options.mirostat ?? [];
  const named = {
    temperature: options.temperature,
    dynamicTemperatureLow,
    dynamicTemperatureHigh,
    dynamicTemperatureExponent,
    topK: options.topK,
    topP: options.topP,
    minP: options.minP,
    typicalP: options.typical,
    topNSigma: options.topNSigma,
    xtcProbability,
    xtcThreshold,
    dryMultiplier,
    dryBase,
    dryAllowedLength,
    dryWindow: options.dryWindow,
    dryBreakers: options.dryBreaker,
    repetitionPenalty: options.repetitionPenalty,
    frequencyPenalty: options.frequencyPenalty,
    presencePenalty: options.presencePenalty,
    penaltyWindow: options.penaltyWindow,
    noRepeatNgram: options.repeatNgram === true ? undefined : options.repeatNgram,
    mirostatTau,
    mirostatEta,
    order: options.order,
  };
  const [numBeams, lengthPenalty] = options.beams ?? [];
  const messages = await messagesOf(prompt, options);
  return {
    modelId: id,
    prompt: messages ? '' : prompt,
    messages,
    weights: options.weights ?? null,
    beams: numBeams === undefined ? null : { numBeams, lengthPenalty },
    draft: draftOf(options),
    sampling: {
      ...(preset ? preset.settings : defaults),
      ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
    },
    seed: options.seed ?? null,
    maxTokens: options.maxTokens,
    stop: options.stop && [...options.stop],
    bannedPhrases: options.ban && [...options.ban],
    logitBias: options.bias && [...options.bias],
    constraint: await constraintOf(options),
    topAlternatives: options.logprobs,
  };
}

/** Null for a text that is no conversation. */
async function messagesOf(
  prompt: string,
  { chat, messages }: WriteOptions,
): Promise<ChatMessage[] | null> {
  const turn: ChatMessage[] = prompt === '' ? [] : [{ role: 'user', content: prompt }];
  if (messages === undefined) return chat ? turn : null;
  const text = await readText(messages, 'conversation');
  try {
    return [...z.array(ChatMessage).parse(JSON.parse(text)), ...turn];
  } catch (cause) {
    throw new StudioError(
      'bad-request',
      `The conversation "${messages}" is not a JSON list of { "role": "system", "user" or "assistant", "content": … }. Check the file.`,
      { file: messages },
      { cause },
    );
  }
}

function draftOf({ draft, draftTokens }: WriteOptions): z.input<typeof DraftSettings> | null {
  if (draft === undefined) return null;
  if (draft === 'prompt-lookup') return { kind: 'prompt-lookup', tokens: draftTokens };
  return { kind: 'model', modelId: draft, tokens: draftTokens };
}

async function constraintOf({
  jsonSchema,
  grammar,
  regex,
}: WriteOptions): Promise<z.input<typeof WriteConstraint> | null> {
  if (regex !== undefined) return { kind: 'regex', pattern: regex };
  if (grammar !== undefined) return { kind: 'grammar', gbnf: await readText(grammar, 'grammar') };
  if (jsonSchema === undefined) return null;
  const text = await readText(jsonSchema, 'JSON schema');
  const Schema = z.union([z.record(z.string(), z.json()), z.boolean()]);
  try {
    return { kind: 'json-schema', schema: Schema.parse(JSON.parse(text)) };
  } catch (cause) {
    throw new StudioError(
      'bad-request',
      `The JSON schema "${jsonSchema}" is no JSON, or no schema. Check the file.`,
      { file: jsonSchema },
      { cause },
    );
  }
}

/** @throws {StudioError} `bad-request` where it cannot be read */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(path.resolve(file), 'utf8');
  } catch (cause) {
    throw new StudioError(
      'bad-request',
      `The ${what} "${file}" cannot be read. Check its path, and that it may be read.`,
      { file },
      { cause },
    );
  }
}
