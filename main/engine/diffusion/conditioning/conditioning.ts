/**
 * What the denoising model is told at each step: prompts that change, are weighed, or stand side by side.
 *
 * Every distinct text is encoded once by each encoder, all of them to the same number of chunks, so that they
 * can share a batch. Composition: Liu et al. 2022, arXiv:2206.01714
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
import { encodeSentences, type SentenceEncoder } from './sentence-encoder.ts';
import { emptyChunk, layOutPrompt, type PromptChunk } from './weighted-prompt.ts';

export interface TextEmbeddings {
  /** f32 [batch, length, width]: the unconditional row first where there is one. */
  readonly values: Float32Array;
  readonly batch: number;
  readonly length: number;
  readonly width: number;
  /** f32 [batch, width]: each prompt as a whole, by all encoders that make it; null where none does. */
  readonly pooled: { readonly values: Float32Array; readonly width: number } | null;
}

/** A text encoder and which of its outputs count. */
export interface PromptEncoder {
  readonly tokenizer: ClipTokenizer;
  /** [batch, length, width]; null if the model reads the prompt as a whole alone. */
  readonly hidden: string | null;
  /** [batch, width], of the first chunk; null if the model is not told. */
  readonly pooled: string | null;
  /** Lends its session. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
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
  encoders: readonly PromptEncoder[],
  { prompt, negativePrompt, emphasis }: Prompts,
  {
    passes,
    guided,
    zeroesEmptyNegative = false,
    sentences = null,
    signal,
  }: {
    readonly passes: readonly number[];
    readonly guided: boolean;
    /** Whether an empty negative prompt is told as zeros. */
    readonly zeroesEmptyNegative?: boolean;
    /** Stands behind what the others make, which is widened with zeros to its width. */
    readonly sentences?: SentenceEncoder | null;
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
  const chunks = Math.max(
    ...encoders.flatMap(({ tokenizer }) =>
      texts.map((text) => layOutPrompt(text, emphasis, tokenizer).length),
    ),
  );
  const encoded: EncodedTexts[] = [];
  for (const encoder of encoders)
    encoded.push(await encodeTexts(encoder, texts, chunks, emphasis, signal));
  const tail = sentences && {
    ...sentences,
    rows: await encodeSentences(sentences, texts, emphasis, signal),
  };
  const known = new Map<string, TextEmbeddings>();

  return {
    isGuided,
    weights: parts.map(({ weight }) => weight),
    ofPass(steps) {
      const schedules = scheduled.get(steps);
      if (!schedules)
        throw new StudioError('internal', 'A pass of another length was encoded. Try again.');
      return (step) => {
        const own = schedules.map((schedule, row) => {
          const text = textAt(schedule, step);
          const isZero = zeroesEmptyNegative && isGuided && row === 0 && text.trim() === '';
          return isZero ? zeroRow : texts.indexOf(text);
        });
        const key = own.join(' ');
        const embeddings = known.get(key) ?? joinRows(encoded, tail, own);
        known.set(key, embeddings);
        return embeddings;
      };
    },
  };
}

const countedSteps = 20;

/** How many tokens and chunks a prompt takes: of several parts, and of 20 steps, the longest. */
export function countPromptTokens(tokenizer: ClipTokenizer, prompt: string): PromptChunks {
  const texts = splitComposition(takeAdapters(prompt).text).flatMap((part) =>
    promptSchedule(part.text, countedSteps).map(({ text }) => text),
  );
  const counts = [...new Set(texts)].map((text) => {
    const chunks = layOutPrompt(text, 'original', tokenizer);
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

/** What one encoder makes of all texts. */
interface EncodedTexts {
  /** f32 [length, width] per text. */
  readonly rows: readonly Float32Array[];
  /** f32 [width] per text; none where it is not asked for. */
  readonly pooled: readonly Float32Array[];
  readonly length: number;
  readonly width: number;
}

/** Stands for a text without an embedding. */
const zeroRow = -1;

/** Sequences of one length, each of which stands behind the tokens of the other encoders. */
type Tail = Pick<EncodedTexts, 'rows' | 'length' | 'width'>;

/** Encoders side by side, token for token, and the tail behind them. */
function joinRows(
  encoded: readonly EncodedTexts[],
  tail: Tail | null,
  own: readonly number[],
): TextEmbeddings {
  const beside = encoded.filter((encoder) => encoder.width > 0);
  const head = beside[0]?.length ?? 0;
  const sum = beside.reduce((all, encoder) => all + encoder.width, 0);
  const width = tail?.width ?? sum;
  if (sum > width) {
    throw new StudioError(
      'model-invalid',
      `The text encoders make embeddings of width ${sum}, and the model reads ${width}. The parts of the model do not fit together.`,
    );
  }
  const length = head + (tail?.length ?? 0);
  const values = new Float32Array(own.length * length * width);
  let column = 0;
  for (const { rows, width: part } of beside) {
    for (const [row, text] of own.entries()) {
      const source = rows[text];
      if (!source) continue;
      for (let token = 0; token < head; token += 1) {
        const at = (row * length + token) * width + column;
        values.set(source.subarray(token * part, (token + 1) * part), at);
      }
    }
    column += part;
  }
  for (const [row, text] of own.entries()) {
    const source = tail?.rows[text];
    if (source) values.set(source, (row * length + head) * width);
  }
  return { values, batch: own.length, length, width, pooled: joinPooled(encoded, own) };
}

function joinPooled(
  encoded: readonly EncodedTexts[],
  own: readonly number[],
): TextEmbeddings['pooled'] {
  const made = encoded.map(({ pooled }) => pooled).filter((pooled) => pooled.length > 0);
  if (made.length === 0) return null;
  const width = made.reduce((sum, pooled) => sum + (pooled[0]?.length ?? 0), 0);
  const values = new Float32Array(own.length * width);
  for (const [row, text] of own.entries()) {
    let at = row * width;
    for (const pooled of made) {
      const source = pooled[text];
      if (source) values.set(source, at);
      at += pooled[0]?.length ?? 0;
    }
  }
  return { values, width };
}

async function encodeTexts(
  encoder: PromptEncoder,
  texts: readonly string[],
  chunks: number,
  emphasis: Prompts['emphasis'],
  signal: AbortSignal,
): Promise<EncodedTexts> {
  const { tokenizer } = encoder;
  const laidOut = texts.map((text) => layOutPrompt(text, emphasis, tokenizer));
  const isWeighed = laidOut.flat().some(({ weights }) => weights.some((weight) => weight !== 1));
  const origin = emphasis === 'comfy' && isWeighed ? [emptyChunk(tokenizer)] : [];
  const parts: Float32Array[][] = texts.map(() => []);
  let pooled: readonly Float32Array[] = [];
  let size = { length: 0, width: 0 };
  await encoder.use(async (session) => {
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const batch = laidOut.map((own) => own[chunk] ?? emptyChunk(tokenizer));
      const made = await encodeChunks(session, encoder, [...batch, ...origin], signal);
      size = { length: made.length, width: made.width };
      if (chunk === 0) pooled = made.pooled.slice(0, texts.length);
      if (encoder.hidden === null) break;
      const empty = origin.length > 0 ? (made.rows.at(-1) ?? null) : null;
      for (const [text, { weights }] of batch.entries())
        parts[text]?.push(
          emphasise(made.rows[text] ?? new Float32Array(0), weights, emphasis, empty),
        );
    }
  });
  return { rows: parts.map(joined), pooled, length: size.length * chunks, width: size.width };
}

async function encodeChunks(
  session: Session,
  { tokenizer, hidden, pooled }: PromptEncoder,
  chunks: readonly PromptChunk[],
  signal: AbortSignal,
): Promise<EncodedTexts> {
  const ids = integerTensor(
    inputSpec(session, 'input_ids'),
    chunks.flatMap((chunk) => chunk.ids),
    [chunks.length, tokenizer.maxLength],
  );
  const wanted = [hidden, pooled].filter((name) => name !== null);
  const known = new Set(session.outputs.map(({ name }) => name));
  const missing = wanted.find((name) => !known.has(name));
  if (missing !== undefined) {
    throw new StudioError(
      'model-invalid',
      `A text encoder of this model has no output "${missing}"; it has ${[...known].join(', ')}. Export it in the diffusers ONNX layout, with its hidden states.`,
    );
  }
  const outputs = await session.run({ input_ids: ids }, { signal, outputs: wanted });
  const states =
    hidden === null ? null : await takeReal(outputs[hidden], hidden, [chunks.length, null, null]);
  const whole =
    pooled === null ? null : await takeReal(outputs[pooled], pooled, [chunks.length, null]);
  const [, length = 0, width = 0] = states?.dims ?? [];
  return {
    rows: states ? rowsOf(states.values, chunks.length) : [],
    pooled: whole ? rowsOf(whole.values, chunks.length) : [],
    length,
    width,
  };
}

function rowsOf(values: Float32Array, count: number): readonly Float32Array[] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, row) => values.subarray(row * size, (row + 1) * size));
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
