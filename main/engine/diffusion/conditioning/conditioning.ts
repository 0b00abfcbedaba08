/**
 * What the denoising model is told at each step: prompts that change, are weighed, or stand side by side.
 *
 * Every distinct text is encoded once, all of them to the same number of chunks, so that they can share
 * a batch. Composition: Liu et al. 2022, arXiv:2206.01714
 */
import { StudioError } from '../../../../contract/errors.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import { takeAdapters } from '../../../../contract/prompt/adapters.ts';
import { splitComposition } from '../../../../contract/prompt/composition.ts';
import { promptSchedule, type ScheduledPrompt } from '../../../../contract/prompt/schedule.ts';
import type { PromptChunks } from '../../../../contract/queue.ts';
import type { Session } from '../../session.ts';
import { inputSpec, integerTensor, takeReal } from '../graph-tensors.ts';
import { chunkSizeOf } from '../prompt/chunks.ts';
import type { ClipTokenizer } from '../prompt/clip-tokenizer.ts';
import { emphasise } from './emphasise.ts';
import { emptyChunk, layOutPrompt, type PromptChunk } from './weighted-prompt.ts';

export interface TextEmbeddings {
  /** f32 [batch, length, width]: the unconditional row first where there is one. */
  readonly values: Float32Array;
  readonly batch: number;
  readonly length: number;
  readonly width: number;
}

export interface Conditioning {
  /** Whether the first row is the unconditional one. */
  readonly isGuided: boolean;
  /** One per conditional row. */
  readonly weights: readonly number[];
  /**
   * What holds at a step, from 1; the same object while nothing changes.
   * @param steps of the pass: one of those that were encoded
   */
  ofPass(steps: number): (step: number) => TextEmbeddings;
}

export type Prompts = Pick<ImageSettings, 'prompt' | 'negativePrompt' | 'emphasis'>;

/**
 * @param passes how many steps each pass has
 * @param guided whether the model is told what to keep away from; a prompt of several parts always is
 * @throws {StudioError} `model-invalid`
 */
export async function encodePrompts(
  session: Session,
  tokenizer: ClipTokenizer,
  { prompt, negativePrompt, emphasis }: Prompts,
  {
    passes,
    guided,
    signal,
  }: {
    readonly passes: readonly number[];
    readonly guided: boolean;
    readonly signal: AbortSignal;
  },
): Promise<Conditioning> {
  const parts = splitComposition(takeAdapters(prompt).text);
  const isGuided = guided || parts.length > 1;
  const rows = [
    ...(isGuided ? [takeAdapters(negativePrompt).text] : []),
    ...parts.map(({ text }) => text),
  ];
  const scheduled = new Map(
    passes.map((steps) => [steps, rows.map((row) => promptSchedule(row, steps))]),
  );
  const texts = [
    ...new Set([...scheduled.values()].flat().flatMap((row) => row.map(({ text }) => text))),
  ];
  const encoded = await encodeTexts(session, tokenizer, texts, emphasis, signal);
  const known = new Map<string, TextEmbeddings>();

  return {
    isGuided,
    weights: parts.map(({ weight }) => weight),
    ofPass(steps) {
      const schedules = scheduled.get(steps);
      if (!schedules)
        throw new StudioError('internal', 'A pass of another length was encoded. Try again.');
      return (step) => {
        const own = schedules.map((schedule) => texts.indexOf(textAt(schedule, step)));
        const key = own.join(' ');
        const embeddings = known.get(key) ?? joinRows(encoded, own);
        known.set(key, embeddings);
        return embeddings;
      };
    },
  };
}

/** How many tokens and chunks a prompt takes: of several parts the longest, at the first step. */
export function countPromptTokens(tokenizer: ClipTokenizer, prompt: string): PromptChunks {
  const counts = splitComposition(takeAdapters(prompt).text).map(({ text }) => {
    const [first] = promptSchedule(text, 1);
    const chunks = layOutPrompt(first?.text ?? '', 'original', tokenizer);
    return {
      tokens: chunks.reduce((sum, chunk) => sum + chunk.tokens, 0),
      chunks: chunks.length,
      chunkSize: chunkSizeOf(tokenizer),
    };
  });
  return counts.reduce((longest, own) => (own.tokens > longest.tokens ? own : longest));
}

function textAt(schedule: readonly ScheduledPrompt[], step: number): string {
  return (schedule.find(({ untilStep }) => step <= untilStep) ?? schedule.at(-1))?.text ?? '';
}

interface EncodedTexts {
  /** f32 [length, width] per text. */
  readonly rows: readonly Float32Array[];
  readonly length: number;
  readonly width: number;
}

function joinRows({ rows, length, width }: EncodedTexts, own: readonly number[]): TextEmbeddings {
  const values = new Float32Array(own.length * length * width);
  for (const [row, text] of own.entries())
    values.set(rows[text] ?? new Float32Array(0), row * length * width);
  return { values, batch: own.length, length, width };
}

async function encodeTexts(
  session: Session,
  tokenizer: ClipTokenizer,
  texts: readonly string[],
  emphasis: Prompts['emphasis'],
  signal: AbortSignal,
): Promise<EncodedTexts> {
  const laidOut = texts.map((text) => layOutPrompt(text, emphasis, tokenizer));
  const chunks = Math.max(...laidOut.map(({ length }) => length));
  const isWeighed = laidOut.flat().some(({ weights }) => weights.some((weight) => weight !== 1));
  const origin = emphasis === 'comfy' && isWeighed ? [emptyChunk(tokenizer)] : [];
  const parts: Float32Array[][] = texts.map(() => []);
  let size = { length: 0, width: 0 };
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const batch = laidOut.map((own) => own[chunk] ?? emptyChunk(tokenizer));
    const { rows, ...own } = await encodeChunks(session, tokenizer, [...batch, ...origin], signal);
    size = own;
    const empty = origin.length > 0 ? (rows.at(-1) ?? null) : null;
    for (const [text, { weights }] of batch.entries())
      parts[text]?.push(emphasise(rows[text] ?? new Float32Array(0), weights, emphasis, empty));
  }
  return { rows: parts.map(joined), length: size.length * chunks, width: size.width };
}

async function encodeChunks(
  session: Session,
  tokenizer: ClipTokenizer,
  chunks: readonly PromptChunk[],
  signal: AbortSignal,
): Promise<EncodedTexts> {
  const ids = integerTensor(
    inputSpec(session, 'input_ids'),
    chunks.flatMap((chunk) => chunk.ids),
    [chunks.length, tokenizer.maxLength],
  );
  const { last_hidden_state: hidden } = await session.run(
    { input_ids: ids },
    { signal, outputs: ['last_hidden_state'] },
  );
  const { values, dims } = await takeReal(hidden, 'last_hidden_state', [chunks.length, null, null]);
  const [, length = 0, width = 0] = dims;
  const size = length * width;
  return {
    rows: chunks.map((_, row) => values.subarray(row * size, (row + 1) * size)),
    length,
    width,
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return values;
}
