/**
 * T5, which reads a prompt as one sequence of fixed length, padding and all.
 *
 * Weights of words apply to its embeddings as to those of CLIP; where they change, the words on each side
 * are turned into tokens apart. `BREAK` is a space. What is longer than the sequence is cut off.
 * Source: Raffel et al. 2020, arXiv:1910.10683; its place beside CLIP: Esser et al. 2024, arXiv:2403.03206
 */
import { StudioError } from '../../../../contract/errors.ts';
import { parseAttention, type Emphasis } from '../../../../contract/prompt/attention.ts';
import type { Session } from '../../session.ts';
import { inputSpec, integerTensor, takeReal } from '../graph-tensors.ts';
import type { SentenceTokenizer } from '../prompt/sentence-tokenizer.ts';
import { emphasise } from './emphasise.ts';

export interface SentenceEncoder {
  /** Tokens of every sequence. */
  readonly length: number;
  /** Of the embeddings, and of all that stands beside them. */
  readonly width: number;
  /** Null where a model does without: its sequence is zeros. */
  readonly network: {
    readonly tokenizer: SentenceTokenizer;
    /** Lends its session. */
    use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  } | null;
}

interface Sentence {
  readonly ids: readonly number[];
  /** One per id; 1 for end and padding. */
  readonly weights: readonly number[];
}

/**
 * @returns f32 [length, width] per text
 * @throws {StudioError} `model-invalid` if what the encoder makes is of another width
 */
export async function encodeSentences(
  { length, width, network }: SentenceEncoder,
  texts: readonly string[],
  emphasis: Emphasis,
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  if (!network) return texts.map(() => new Float32Array(length * width));
  const { tokenizer } = network;
  const sentences = texts.map((text) => layOutSentence(text, emphasis, tokenizer, length));
  const isWeighed = sentences.some(({ weights }) => weights.some((weight) => weight !== 1));
  const origin =
    emphasis === 'comfy' && isWeighed ? [layOutSentence('', emphasis, tokenizer, length)] : [];
  const rows = [...sentences, ...origin];
  return await network.use(async (session) => {
    const ids = integerTensor(
      inputSpec(session, 'input_ids'),
      rows.flatMap((row) => row.ids),
      [rows.length, length],
    );
    const name = 'last_hidden_state';
    const outputs = await session.run({ input_ids: ids }, { signal, outputs: [name] });
    const { values, dims } = await takeReal(outputs[name], name, [rows.length, length, null]);
    if (dims[2] !== width) {
      throw new StudioError(
        'model-invalid',
        `The T5 encoder makes embeddings of width ${dims[2]}, and the transformer reads ${width}. The parts of the model do not fit together.`,
      );
    }
    const rowOf = (row: number) =>
      values.subarray(row * length * width, (row + 1) * length * width);
    const empty = origin.length > 0 ? rowOf(texts.length) : null;
    return sentences.map(({ weights }, row) => emphasise(rowOf(row), weights, emphasis, empty));
  });
}

function layOutSentence(
  text: string,
  emphasis: Emphasis,
  { encode, endIds, padId }: SentenceTokenizer,
  length: number,
): Sentence {
  const words: { readonly id: number; readonly weight: number }[] = [];
  for (const piece of parseAttention(text, emphasis)) {
    if (piece.kind === 'break') continue;
    for (const id of encode(piece.text)) words.push({ id, weight: piece.weight });
  }
  const own = words.slice(0, length - endIds.length);
  const padding = length - own.length - endIds.length;
  const rest = [...endIds, ...Array.from({ length: padding }, () => padId)];
  return {
    ids: [...own.map(({ id }) => id), ...rest],
    weights: [...own.map(({ weight }) => weight), ...rest.map(() => 1)],
  };
}
