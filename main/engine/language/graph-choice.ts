/**
 * Which files of a model folder are run.
 *
 * A folder may hold the same model several times, with weights of different kinds. Unless a request
 * names one, the most exact is taken: it is what the model's authors measured, and the choice does not
 * change with the machine. Whoever wants a smaller model keeps only that one, or names it.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeightFormat } from '../../../contract/decoding.ts';
import { StudioError } from '../../../contract/errors.ts';

/** One way to run the model. */
export interface TextGraph {
  readonly weights: WeightFormat;
  readonly path: string;
  /** The graph that continues from a cache, where `path` cannot. */
  readonly withPastPath: string | null;
  /** Whether its cache may be written where it is read, with room to spare: GroupQueryAttention. */
  readonly sharesCache: boolean;
}

/** Most exact first. Endings as Optimum, transformers.js and onnxruntime-genai write them. */
const endings: readonly (readonly [ending: string, WeightFormat])[] = [
  ['', 'fp32'],
  ['_q8', 'q8'],
  ['_quantized', 'q8'],
  ['_int8', 'int8'],
  ['_uint8', 'uint8'],
  ['_fp16', 'fp16'],
  ['_q4', 'q4'],
  ['_q4f16', 'q4f16'],
  ['_bnb4', 'bnb4'],
];

/** Graphs that both begin and continue. */
const wholeNames = ['model', 'model_merged', 'decoder_model_merged'] as const;

/** @returns at least one, most exact first. @throws {StudioError} `model-missing` */
export async function findGraphs(folder: string): Promise<readonly TextGraph[]> {
  for (const place of [join(folder, 'onnx'), folder]) {
    const present = new Set(await readdir(place).catch(() => []));
    const found = endings.flatMap(([ending, weights]): Omit<TextGraph, 'sharesCache'>[] => {
      const whole = wholeNames.map((name) => `${name}${ending}.onnx`);
      const name = whole.find((candidate) => present.has(candidate));
      if (name) return [{ weights, path: join(place, name), withPastPath: null }];
      const first = `decoder_model${ending}.onnx`;
      const next = `decoder_with_past_model${ending}.onnx`;
      if (!present.has(first) || !present.has(next)) return [];
      return [{ weights, path: join(place, first), withPastPath: join(place, next) }];
    });
    const graphs = found.map(async (graph) => ({
      ...graph,
      sharesCache: graph.withPastPath === null && (await groupsQueries(graph.path)),
    }));
    if (graphs.length > 0) return Promise.all(graphs);
  }
  const path = join(folder, 'onnx', 'model.onnx');
  throw new StudioError(
    'model-missing',
    `The model file ${path} is not there. Import the model again.`,
    { file: path },
  );
}

/** Nodes lie at the start of an ONNX file, before the weights. */
const nodeBytes = 2 ** 24;

/** Looks for the operator's name, without reading the graph. */
async function groupsQueries(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(nodeBytes), 0, nodeBytes, 0);
  return buffer.subarray(0, bytesRead).includes('GroupQueryAttention');
}

/**
 * @param wanted null for the most exact
 * @throws {StudioError} `bad-request` if the folder has no such weights, with those that it has
 */
export function chooseGraph(graphs: readonly TextGraph[], wanted: WeightFormat | null): TextGraph {
  const found = wanted === null ? graphs[0] : graphs.find(({ weights }) => weights === wanted);
  if (found) return found;
  const known = [...new Set(graphs.map(({ weights }) => weights))];
  throw new StudioError(
    'bad-request',
    `This model has no ${wanted} weights. It has ${known.join(', ')}.`,
    { weights: known },
  );
}
