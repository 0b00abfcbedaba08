/** Looks at one file or folder: can it be used, for which family of models, and what brings it out? */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ResourceKind } from '../../../contract/resources.ts';
import { SafetensorsFlaw, type SafetensorsHeader } from '../../../contract/safetensors-header.ts';
import { checkGraph, listModelFiles, readModelJson } from '../catalog/model-files.ts';
import { familyOfWidth } from '../catalog/model-family.ts';
import { ModelProblem } from '../catalog/model-problem.ts';
import { onnxExternalFiles } from '../catalog/onnx-external-files.ts';
import { loraFamily } from './lora-family.ts';
import { readSafetensorsHeader } from './read-safetensors-header.ts';

export interface ResourceFile {
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface InspectedResource {
  /** Those that its hash is of, sorted. */
  readonly files: readonly ResourceFile[];
  /** Other names that prompts may use. */
  readonly aliases: readonly string[];
  readonly family: string | null;
  readonly triggerWords: readonly string[];
  readonly licence: string | null;
  readonly problem: string | null;
}

const pickles = /\.(?:pt|pth|ckpt|bin|pkl)$/i;

/** Never throws for a broken file. @throws the file system's error if it cannot be read at all */
export async function inspectResource(
  kind: ResourceKind,
  target: string,
): Promise<InspectedResource> {
  const nothing = { files: [], aliases: [], family: null, triggerWords: [], licence: null };
  try {
    if (pickles.test(target)) {
      throw new ModelProblem(
        'It is a pickle, which can run programs when it is read, so it is never opened. Get or convert it as .safetensors or ONNX.',
      );
    }
    switch (kind) {
      case 'lora':
        return await inspectTensors(target, loraFacts);
      case 'embedding':
        return await inspectTensors(target, embeddingFacts);
      case 'controlnet':
        return inspectControlNet(target);
      case 'upscaler':
        return await inspectUpscaler(target);
      case 'vae':
        return inspectVae(target);
      default:
        return kind satisfies never;
    }
  } catch (error) {
    if (error instanceof ModelProblem) return { ...nothing, problem: error.message };
    if (error instanceof SafetensorsFlaw) {
      const tensor = error.tensor === undefined ? '' : ` (tensor "${error.tensor}")`;
      const problem = `It is damaged: ${error.message}${tensor}. Get it again from where it came.`;
      return { ...nothing, problem };
    }
    throw error;
  }
}

type TensorFacts = Omit<InspectedResource, 'files' | 'problem'>;

async function inspectTensors(
  target: string,
  factsOf: (header: SafetensorsHeader) => TensorFacts,
): Promise<InspectedResource> {
  if (path.extname(target).toLowerCase() !== '.safetensors')
    throw new ModelProblem('It is no .safetensors file.');
  const header = await readSafetensorsHeader(target);
  return { files: [await fileAt(target)], problem: null, ...factsOf(header) };
}

function loraFacts(header: SafetensorsHeader): TensorFacts {
  const { tensors, metadata } = header;
  const names = [...tensors.keys()];
  const method = names.find((name) =>
    /\.(?:hada_|lokr_|oft_|dora_scale|lora_magnitude)/.test(name),
  );
  if (method !== undefined) {
    throw new ModelProblem(
      `It is neither a LoRA nor a LoCon but of a kind that this version cannot apply ("${method}").`,
    );
  }
  if (!names.some((name) => /lora(?:_|\.)/i.test(name)))
    throw new ModelProblem('It holds no LoRA: none of its tensors is one half of a layer.');
  return {
    aliases: [metadata['ss_output_name'] ?? ''].filter(Boolean),
    family: loraFamily(header),
    triggerWords: triggerWordsOf(metadata),
    licence: licenceOf(metadata),
  };
}

const maxTriggerWords = 8;
const TagFrequency = z.record(z.string(), z.record(z.string(), z.number()));

/** The phrase its maker wrote, or what the pictures it learned from are most often tagged with. */
function triggerWordsOf(metadata: SafetensorsHeader['metadata']): string[] {
  const phrase = metadata['modelspec.trigger_phrase'];
  if (phrase)
    return phrase
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
  const counts = new Map<string, number>();
  for (const tags of Object.values(frequenciesIn(metadata['ss_tag_frequency'])))
    for (const [tag, count] of Object.entries(tags))
      counts.set(tag.trim(), (counts.get(tag.trim()) ?? 0) + count);
  const sorted = [...counts].filter(([tag]) => tag !== '').sort(([, a], [, b]) => b - a);
  return sorted.slice(0, maxTriggerWords).map(([tag]) => tag);
}

function frequenciesIn(text: string | undefined): z.infer<typeof TagFrequency> {
  try {
    return TagFrequency.parse(JSON.parse(text ?? '{}'));
  } catch {
    // Whatever a file says of itself is no reason not to use it.
    return {};
  }
}

function licenceOf(metadata: SafetensorsHeader['metadata']): string | null {
  return metadata['modelspec.license']?.trim() || null;
}

function embeddingFacts({ tensors, metadata }: SafetensorsHeader): TensorFacts {
  const entry =
    tensors.get('emb_params') ??
    tensors.get('clip_l') ??
    (tensors.size === 1 ? [...tensors.values()][0] : undefined);
  const width = entry?.dims.at(-1);
  if (!entry || width === undefined || entry.dims.length > 2)
    throw new ModelProblem('It holds no list of embeddings ("emb_params").');
  const family = tensors.has('clip_g') ? 'sdxl' : familyOfWidth(width);
  return { aliases: [], family, triggerWords: [], licence: licenceOf(metadata) };
}

const ControlConfig = z.looseObject({
  _class_name: z.string().optional(),
  cross_attention_dim: z.union([z.number(), z.array(z.number())]).optional(),
  num_mode: z.number().nullish(),
});

/** By the class that its config.json names; one that names none was made for a UNet. */
const controlFamilies: ReadonlyMap<string, string> = new Map([
  ['SD3ControlNetModel', 'sd3'],
  ['FluxControlNetModel', 'flux'],
]);

function inspectControlNet(folder: string): InspectedResource {
  if (/\.safetensors$/i.test(folder)) {
    throw new ModelProblem(
      'A ControlNet is a folder with model.onnx and config.json, exported from the diffusers layout. Export it first.',
    );
  }
  const files = checkedFolder(folder, ['model.onnx']);
  const {
    _class_name: name = 'ControlNetModel',
    cross_attention_dim: width,
    num_mode: modes,
  } = readModelJson(listModelFiles(folder), 'config.json', ControlConfig);
  if (typeof modes === 'number') {
    throw new ModelProblem(
      'It is told which of several kinds of picture it is given, and this version cannot tell it. Choose a ControlNet for one kind.',
    );
  }
  const first = typeof width === 'number' ? width : width?.[0];
  const family = controlFamilies.get(name) ?? familyOfWidth(first);
  return { files, aliases: [], family, triggerWords: [], licence: null, problem: null };
}

function inspectVae(folder: string): InspectedResource {
  const found = listModelFiles(folder);
  const graphs = ['vae_decoder/model.onnx', 'vae_encoder/model.onnx'].filter(
    (graph, index) => index === 0 || found.files.has(graph),
  );
  const files = checkedFolder(folder, graphs);
  const facts = { aliases: [], family: null, triggerWords: [], licence: null };
  return { files, ...facts, problem: null };
}

async function inspectUpscaler(target: string): Promise<InspectedResource> {
  const facts = { aliases: [], family: null, triggerWords: [], licence: null, problem: null };
  if ((await stat(target)).isDirectory())
    return { files: checkedFolder(target, ['model.onnx']), ...facts };
  if (!/\.onnx$/i.test(target)) throw new ModelProblem('An upscaler is an .onnx file. Convert it.');
  const [external] = onnxExternalFiles(target, path.basename(target));
  if (external !== undefined) {
    throw new ModelProblem(
      `Its weights lie in another file ("${external}"). Put both into a folder, the graph as model.onnx.`,
    );
  }
  return { files: [await fileAt(target)], ...facts };
}

/** @throws {ModelProblem} if one of the graphs is missing or unsafe */
function checkedFolder(folder: string, graphs: readonly string[]): ResourceFile[] {
  const found = listModelFiles(folder);
  if (found.problem !== null) throw new ModelProblem(found.problem);
  return [...new Set(graphs.flatMap((graph) => checkGraph(found, graph)))]
    .toSorted()
    .map((name) => {
      const file = found.files.get(name);
      const { sizeBytes = 0, modifiedMs = 0 } = file ?? {};
      return { path: path.join(found.folder, name), sizeBytes, modifiedMs };
    });
}

async function fileAt(target: string): Promise<ResourceFile> {
  const { size, mtimeMs } = await stat(target);
  return { path: target, sizeBytes: size, modifiedMs: Math.floor(mtimeMs) };
}
