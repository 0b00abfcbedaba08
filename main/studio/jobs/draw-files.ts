/** The files behind what a picture's settings name, and the record of those that are adapters. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { DrawFiles, ModelLocation } from '../../../contract/engine.ts';
import {
  latentUpscalerNames,
  pixelUpscalerNames,
  type ImageOptions,
} from '../../../contract/image-options.ts';
import type { ImageSettings } from '../../../contract/image-request.ts';
import type { Recipe } from '../../../contract/images.ts';
import { takeAdapters } from '../../../contract/prompt/adapters.ts';
import { embeddingsNamedIn } from '../../../contract/prompt/embedding-names.ts';
import type { ResourceKind } from '../../../contract/resources.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { Resources } from '../resources/resources.ts';
import type { Timeline } from '../timeline/timeline.ts';

type RecordedResource = Recipe['resources'][number];

export interface NamedFiles {
  readonly files: DrawFiles;
  /** Waits for the hashes. */
  record(): Promise<readonly RecordedResource[]>;
}

export interface DrawFilesPorts {
  readonly inputs: Pick<Inputs, 'resolveAsset'>;
  readonly timeline: Pick<Timeline, 'latents'>;
  readonly resources: Pick<Resources, 'find' | 'hashes' | 'list'>;
  /** @throws {StudioError} `model-missing`, `model-invalid`, `bad-request` */
  locateImageModel(id: string): ModelLocation;
}

/** Every name that needs an upscaler model. */
const ownUpscalers = new Set<string>([...latentUpscalerNames, ...pixelUpscalerNames]);

/**
 * Finds what the options name, before a picture is queued: what prompts name is known only when they
 * are resolved.
 * @throws {StudioError} `not-found`, `model-invalid`
 */
export function checkNames(
  { loras, controls, vaeId, hiresFix, upscale, refiner }: ImageOptions,
  { resources, locateImageModel }: Pick<DrawFilesPorts, 'resources' | 'locateImageModel'>,
): void {
  for (const { id } of loras) resources.find('lora', id);
  for (const { id } of controls) resources.find('controlnet', id);
  if (vaeId !== null) resources.find('vae', vaeId);
  for (const upscaler of [hiresFix?.upscaler, upscale?.upscaler])
    if (upscaler !== undefined && !ownUpscalers.has(upscaler)) resources.find('upscaler', upscaler);
  if (refiner) locateImageModel(refiner.modelId);
}

/**
 * @param settings with resolved prompts
 * @throws {StudioError} `not-found` for inputs, steps and adapters that are gone, `model-invalid`
 */
export async function findDrawFiles(
  settings: ImageSettings,
  { inputs, timeline, resources, locateImageModel }: DrawFilesPorts,
): Promise<NamedFiles> {
  const { source, branch, vaeId, hiresFix, upscale, refiner, prompt, negativePrompt } = settings;
  const used: { kind: ResourceKind; id: string; name: string; weight: number }[] = [];
  const find = (kind: ResourceKind, id: string, weight = 1) => {
    const { name, id: found, path: target } = resources.find(kind, id);
    used.push({ kind, id: found, name, weight });
    return { name, path: target };
  };
  const pathOf = async (hash: string) => (await inputs.resolveAsset(hash)).path;
  const upscalerFile = async (upscaler: string | undefined) => {
    if (upscaler === undefined || ownUpscalers.has(upscaler)) return null;
    const { path: target } = find('upscaler', upscaler);
    return (await stat(target)).isDirectory() ? path.join(target, 'model.onnx') : target;
  };
  const asked = [
    ...settings.loras,
    ...takeAdapters(prompt).loras.map(({ name, ...weights }) => ({ id: name, ...weights })),
  ];
  const installed = resources
    .list()
    .filter(({ kind, problem }) => kind === 'embedding' && problem === null);
  const files: DrawFiles = {
    source: source ? await pathOf(source.picture) : null,
    mask: source?.mask ? await pathOf(source.mask.picture) : null,
    loras: asked.map(({ id, unetWeight, textWeight }) => ({
      ...find('lora', id, unetWeight),
      unetWeight,
      textWeight,
    })),
    embeddings: embeddingsNamedIn(installed, [prompt, negativePrompt]).map(({ id }) =>
      find('embedding', id),
    ),
    controls: await Promise.all(
      settings.controls.map(async ({ id, picture, weight }) => {
        const { name, path: folder } = find('controlnet', id, weight);
        return { name, folder, picture: await pathOf(picture) };
      }),
    ),
    hiresUpscaler: await upscalerFile(hiresFix?.upscaler),
    upscaler: await upscalerFile(upscale?.upscaler),
    vae: vaeId === null ? null : find('vae', vaeId).path,
    refiner: refiner ? locateImageModel(refiner.modelId) : null,
    branch: branch ? timeline.latents(branch) : null,
  };
  return {
    files,
    record: () =>
      Promise.all(
        used.map(async ({ kind, id, name, weight }) => {
          const { hash, tensorsHash } = await resources.hashes(kind, id);
          return { kind, name, hash, weight, ...(tensorsHash === null ? {} : { tensorsHash }) };
        }),
      ),
  };
}
