/** Looks at one folder: is it a model, of which kind, and can it be used? Never throws for a broken model. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { Model } from '../../../contract/models.ts';
import { inspectImageModel, type ImageParts } from './inspect-image-model.ts';
import { inspectTextModel, type TextParts } from './inspect-text-model.ts';
import { ImageManifest, TextManifest } from './manifest.ts';
import { listModelFiles, readModelJson, type ModelFile, type ModelFiles } from './model-files.ts';
import { ModelProblem } from './model-problem.ts';

export interface InspectedModel {
  readonly model: Model;
  /** Files by which the model is identified, sorted by path. */
  readonly weights: readonly ModelFile[];
}

/** Names under which a card may lie. */
const cardFileNames = ['README.md', 'MODEL_CARD.md'] as const;
const maxCardBytes = 2 * 2 ** 20;

/** @returns null if the folder holds no model at all. @throws the file system's error if it cannot be read */
export function inspectModel(folder: string, bundled: boolean): InspectedModel | null {
  const files = listModelFiles(folder);
  const kind = kindOf(files);
  if (!kind) return null;
  const name = path.basename(folder);
  const common = {
    id: name.slice(0, 200),
    name,
    folder,
    bundled,
    licence: licenceInCard(files) ?? 'unknown',
    description: '',
    sizeBytes: [...files.files.values()].reduce((total, file) => total + file.sizeBytes, 0),
    hash: null,
    problem: null as string | null,
    examplePrompts: [] as string[],
  };
  switch (kind) {
    case 'image': {
      const { manifest, parts, problem } = read(files, ImageManifest, inspectImageModel);
      const { graphs: _graphs, ...facts } = { graphs: [], ...(parts ?? unusableImageParts) };
      const { styles = [] } = manifest;
      return {
        model: {
          kind,
          ...common,
          ...decoration(manifest),
          problem,
          styles,
          ...facts,
        },
        weights: weightsOf(files, parts),
      };
    }
    case 'text': {
      const { manifest, parts, problem } = read(files, TextManifest, inspectTextModel);
      const { defaults, contextLength } = parts ?? unusableTextParts;
      return {
        model: { kind, ...common, ...decoration(manifest), problem, defaults, contextLength },
        weights: weightsOf(files, parts),
      };
    }
    default:
      return kind satisfies never;
  }
}

/** Shown, but not used, for models with a problem. */
const unusableImageParts: Omit<ImageParts, 'graphs'> = {
  spatialFactor: 8,
  family: null,
  hasTinyDecoder: false,
  defaults: {
    width: 512,
    height: 512,
    steps: 20,
    guidanceScale: 7.5,
    scheduler: 'euler',
    sigmaSchedule: 'normal',
  },
};
const unusableTextParts: Omit<TextParts, 'graphs'> = {
  contextLength: 1,
  defaults: { temperature: 0.8, topK: 0, topP: 0.95, minP: 0.05, repetitionPenalty: 1.1 },
};

function kindOf({ files }: ModelFiles): Model['kind'] | null {
  const names = [...files.keys()];
  const isImage = (file: string) =>
    file === 'model_index.json' ||
    /^(unet|transformer|vae_decoder|text_encoder)\//.test(file) ||
    /^[^/]+\.(safetensors|ckpt)$/i.test(file);
  const isText = (file: string) =>
    file === 'config.json' || file === 'tokenizer.json' || file.startsWith('onnx/');
  if (names.some(isImage)) return 'image';
  return names.some(isText) ? 'text' : null;
}

interface Read<M, P> {
  readonly manifest: M;
  readonly parts: P | null;
  readonly problem: string | null;
}

function read<M, P>(
  files: ModelFiles,
  schema: z.ZodType<M>,
  inspect: (files: ModelFiles, manifest: M) => P,
): Read<M, P> {
  let manifest = schema.parse({});
  try {
    if (files.files.has('atelier.json')) manifest = readModelJson(files, 'atelier.json', schema);
    if (files.problem !== null) throw new ModelProblem(files.problem);
    return { manifest, parts: inspect(files, manifest), problem: null };
  } catch (error) {
    if (error instanceof ModelProblem) return { manifest, parts: null, problem: error.message };
    throw error;
  }
}

/** What a manifest says, without what it leaves open. */
function decoration({
  id,
  name,
  description,
  licence,
  examplePrompts,
}: ImageManifest | TextManifest) {
  return {
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(licence === undefined ? {} : { licence }),
    ...(examplePrompts === undefined ? {} : { examplePrompts }),
  };
}

function weightsOf({ files }: ModelFiles, parts: ImageParts | TextParts | null): ModelFile[] {
  const paths = [...new Set(parts?.graphs ?? [])].toSorted();
  return paths.map((weight) => files.get(weight)).filter((file) => file !== undefined);
}

/** The `license:` line in the front matter of a Hugging Face model card. */
function licenceInCard(model: ModelFiles): string | null {
  const card = readCard(model);
  const [, matter] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card ?? '') ?? [];
  const [, licence] = /^licen[cs]e:\s*["']?([^"'\r\n]+)/m.exec(matter ?? '') ?? [];
  return licence?.trim() ?? null;
}

/** @returns the model card (Markdown), or null */
export function readCard(model: ModelFiles): string | null {
  for (const name of cardFileNames) {
    const file = model.files.get(name);
    if (file && file.sizeBytes <= maxCardBytes)
      return readFileSync(path.join(model.folder, name), 'utf8');
  }
  return null;
}
