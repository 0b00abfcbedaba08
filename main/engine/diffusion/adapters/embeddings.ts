/**
 * Textual inversion: words with embeddings of their own, from small files.
 * Source: Gal et al. 2022, arXiv:2208.01618. A word may be several vectors, which follow each other.
 */
import { basename, extname } from 'node:path';
import type { DrawFiles } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { embeddingPattern } from '../../../../contract/prompt/embedding-names.ts';
import { inputSpec, integerTensor, realTensor } from '../graph-tensors.ts';
import type { ClipTokenizer } from '../prompt/clip-tokenizer.ts';
import type { Feeder } from './adapted-pool.ts';
import { openSafetensors, readTensors } from './safetensors.ts';

export interface WordEmbedding {
  /** As it stands in prompts, whatever its case. */
  readonly name: string;
  readonly file: string;
  readonly tensor: string;
  /** f32 [count, width] */
  readonly vectors: Float32Array;
  readonly width: number;
}

type EmbeddingFile = DrawFiles['embeddings'][number];

/**
 * @param keys names of tensors to prefer, such as `clip_l` in files for two encoders
 * @throws {StudioError} `not-found`, `model-invalid`, `unsupported` for pickles; each names the file
 */
export async function openEmbedding(
  { name, path }: EmbeddingFile,
  keys: readonly string[],
): Promise<WordEmbedding> {
  if (extname(path).toLowerCase() !== '.safetensors') {
    throw new StudioError(
      'unsupported',
      `The embedding "${basename(path)}" is a pickle, which can run programs when it is read, so it is never opened. Get or convert it as .safetensors.`,
      { file: path },
    );
  }
  const file = await openSafetensors(path);
  const [only] = [...file.tensors.keys()];
  const wanted = [...keys, 'emb_params'].find((key) => file.tensors.has(key));
  const tensor = wanted ?? (file.tensors.size === 1 ? only : undefined);
  const dims = file.tensors.get(tensor ?? '')?.dims ?? [];
  const [count, width] = dims.length === 1 ? [1, dims[0]] : dims;
  if (tensor === undefined || dims.length > 2 || !count || !width) {
    throw new StudioError(
      'model-invalid',
      `${tensor === undefined ? 'No tensor' : `The tensor "${tensor}"`} in the file "${basename(path)}" is ${tensor === undefined ? 'called emb_params' : 'a list of embeddings'}. Choose a file of textual inversion for this kind of model.`,
      { file: path, tensor: tensor ?? only ?? '' },
    );
  }
  const vectors = (await readTensors(file, [tensor])).get(tensor) ?? new Float32Array();
  return { name, file: path, tensor, vectors, width };
}

/** Ids from the vocabulary's end on stand for the words' vectors, one after the other. */
export function withEmbeddings(
  tokenizer: ClipTokenizer,
  embeddings: readonly WordEmbedding[],
): ClipTokenizer {
  const pattern = embeddingPattern(embeddings.map(({ name }) => name));
  const ids = new Map<string, readonly number[]>();
  let next = tokenizer.vocabularySize;
  for (const { name, vectors, width } of embeddings) {
    const first = next;
    const count = vectors.length / width;
    ids.set(
      name.toLowerCase(),
      Array.from({ length: count }, (_, vector) => first + vector),
    );
    next += count;
  }
  return {
    ...tokenizer,
    encode(text) {
      const encoded: number[] = [];
      let from = 0;
      for (const { 0: word, index } of text.matchAll(pattern)) {
        encoded.push(...tokenizer.encode(text.slice(from, index)));
        encoded.push(...(ids.get(word.toLowerCase()) ?? []));
        from = index + word.length;
      }
      return [...encoded, ...tokenizer.encode(text.slice(from))];
    },
  };
}

/** Puts the vectors where the tokenizer left their ids. */
export function embeddingFeeder(
  vocabularySize: number,
  embeddings: readonly WordEmbedding[],
): Feeder {
  return {
    async feed(session, feeds) {
      const spec = inputSpec(session, 'token_embedding.added');
      const width = spec.dims[2];
      for (const { width: own, file, tensor } of embeddings) {
        if (own === width) continue;
        throw new StudioError(
          'model-invalid',
          `"${tensor}" in the file "${basename(file)}" cannot be used: its embeddings have ${own} numbers and this model's have ${String(width)}. It was made for another model: choose that model, or leave the word out.`,
          { file, tensor },
        );
      }
      const rows = embeddings.flatMap(({ vectors, width: own }) =>
        Array.from({ length: vectors.length / own }, (_, row) =>
          vectors.subarray(row * own, (row + 1) * own),
        ),
      );
      const input = feeds['input_ids'];
      if (!input) return {};
      const { data, dims } = 'data' in input ? input : await input.read();
      const ids = Array.from(data as ArrayLike<number | bigint>, Number);
      const size = typeof width === 'number' ? width : 0;
      const kept = new Float32Array(ids.length).fill(1);
      const added = new Float32Array(ids.length * size);
      const known = ids.map((id, at) => {
        const row = rows[id - vocabularySize];
        if (!row) return id;
        kept[at] = 0;
        added.set(row, at * size);
        return 0;
      });
      return {
        input_ids: integerTensor(inputSpec(session, 'input_ids'), known, dims),
        'token_embedding.kept': realTensor(inputSpec(session, 'token_embedding.kept'), kept, [
          ...dims,
          1,
        ]),
        'token_embedding.added': realTensor(spec, added, [...dims, size]),
      };
    },
  };
}
