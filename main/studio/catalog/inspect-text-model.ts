/** A language model folder in the Hugging Face ONNX layout. */
import { z } from 'zod';
import type { TextModel } from '../../../contract/models.ts';
import type { TextManifest } from './manifest.ts';
import { checkGraph, readModelJson, requireFile, type ModelFiles } from './model-files.ts';
import { ModelProblem } from './model-problem.ts';

const Config = z.looseObject({
  model_type: z.string(),
  max_position_embeddings: z.number().int().positive().optional(),
  /** GPT-2's name for it. */
  n_positions: z.number().int().positive().optional(),
});
const GenerationConfig = z.looseObject({
  temperature: z.number().nullish(),
  top_k: z.number().int().nullish(),
  top_p: z.number().nullish(),
  min_p: z.number().nullish(),
  repetition_penalty: z.number().nullish(),
});

/** One graph, or one to begin and one to go on, merged or not. */
const graphNames = /^(?:onnx\/)?(?:model|decoder_model|decoder_with_past_model)[^/]*\.onnx$/;

const fallbackContextLength = 2048;

export interface TextParts {
  readonly graphs: readonly string[];
  readonly defaults: TextModel['defaults'];
  readonly contextLength: number;
}

/** @throws {ModelProblem} */
export function inspectTextModel(model: ModelFiles, manifest: TextManifest): TextParts {
  const config = readModelJson(model, 'config.json', Config);
  requireFile(model, 'tokenizer.json', 'turns text into tokens');
  readModelJson(model, 'tokenizer.json', z.looseObject({}));
  const names = [...model.files.keys()].filter((file) => graphNames.test(file));
  if (names.length === 0)
    throw new ModelProblem('There is no "onnx/model.onnx". Copy the whole model again.');
  const graphs = names.flatMap((name) => checkGraph(model, name));
  const generation = model.files.has('generation_config.json')
    ? readModelJson(model, 'generation_config.json', GenerationConfig)
    : {};
  const sampling = manifest.defaultSampling ?? {};
  return {
    graphs,
    contextLength:
      manifest.contextLength ??
      config.max_position_embeddings ??
      config.n_positions ??
      fallbackContextLength,
    defaults: {
      temperature: sampling.temperature ?? generation.temperature ?? 0.8,
      topK: sampling.topK ?? generation.top_k ?? 0,
      topP: sampling.topP ?? generation.top_p ?? 0.95,
      minP: sampling.minP ?? generation.min_p ?? 0.05,
      repetitionPenalty: sampling.repetitionPenalty ?? generation.repetition_penalty ?? 1.1,
    },
  };
}
