/** A LoRA file's layers, and what they come to for the layers of one graph. */
import { basename } from 'node:path';
import { StudioError } from '../../../../contract/errors.ts';
import type { GraphModule } from '../../session.ts';
import {
  flatPath,
  fromOriginalBlocks,
  otherMethodOf,
  parseLoraName,
  type AdaptedPart,
  type LoraRole,
} from './lora-names.ts';
import { fromOriginalTransformer } from './lora-transformer-names.ts';
import { openSafetensors, readTensors, type SafetensorsFile } from './safetensors.ts';

/** The names of one layer's tensors. */
export interface LoraLayer {
  readonly part: AdaptedPart;
  readonly module: string;
  readonly down: string;
  readonly up: string;
  /** Between the two, [rank, rank, kh, kw]; null where there is none. */
  readonly mid: string | null;
  readonly alpha: string | null;
}

export interface LoraFileLayers {
  readonly file: SafetensorsFile;
  readonly layers: readonly LoraLayer[];
}

/** What a module of a graph has of a layer, which may be of several modules. */
export interface LayerShare {
  readonly layer: LoraLayer;
  /** Of the layer's rows, which are its outputs. */
  readonly firstRow: number;
  /** The second half of those rows stands first in the module. */
  readonly swapsHalves: boolean;
}

/** The two factors of one layer. */
export interface LowRankFactors {
  readonly rank: number;
  /** f32 [rank, in · kh · kw] */
  readonly down: Float32Array;
  /** f32 [out, rank], alpha / rank included */
  readonly up: Float32Array;
}

/** @throws {StudioError} `model-invalid`, `unsupported`, naming the file and the tensor */
export async function openLora(path: string): Promise<LoraFileLayers> {
  const file = await openSafetensors(path);
  const found = new Map<
    string,
    { part: AdaptedPart; module: string; tensors: Map<LoraRole, string> }
  >();
  for (const key of file.tensors.keys()) {
    const method = otherMethodOf(key);
    if (method !== null) {
      throw new StudioError(
        'unsupported',
        `"${key}" in the file "${basename(path)}" is of ${method}, which the studio cannot apply. Choose a LoRA or LoCon instead.`,
        { file: path, tensor: key },
      );
    }
    const name = parseLoraName(key);
    if (!name) throw misfit(path, key, 'it is no part of a LoRA');
    const layer = found.get(`${name.part} ${name.module}`) ?? { ...name, tensors: new Map() };
    if (layer.tensors.has(name.role)) throw misfit(path, key, 'its layer has two of them');
    layer.tensors.set(name.role, key);
    found.set(`${name.part} ${name.module}`, layer);
  }
  const layers = [...found.values()].map(({ part, module, tensors }) => {
    const some = [...tensors.values()][0] ?? module;
    const down = tensors.get('down');
    const up = tensors.get('up');
    if (down === undefined || up === undefined) {
      throw misfit(path, some, `its layer has no ${down === undefined ? 'down' : 'up'} half`);
    }
    return {
      part,
      module,
      down,
      up,
      mid: tensors.get('mid') ?? null,
      alpha: tensors.get('alpha') ?? null,
    };
  });
  return { file, layers };
}

/**
 * What belongs to a graph, by the path of its module; shapes are checked against it.
 * @param parts names that files have for this graph
 * @throws {StudioError} `model-invalid` naming the file and the tensor, if it was made for another model
 */
export function matchLayers(
  { file, layers }: LoraFileLayers,
  parts: readonly AdaptedPart[],
  modules: readonly GraphModule[],
): ReadonlyMap<string, LayerShare> {
  const byFlatPath = new Map(modules.map((module) => [flatPath(module.path), module]));
  const layersPerBlock = modules.filter(({ path }) =>
    /^down_blocks\.0\.resnets\.\d+\.conv1$/.test(path),
  ).length;
  const matched = new Map<string, LayerShare>();
  for (const layer of layers) {
    if (!parts.includes(layer.part)) continue;
    const renamed = byFlatPath.has(layer.module) ? null : fromOriginalTransformer(layer.module);
    const names = renamed?.modules ?? [
      byFlatPath.has(layer.module)
        ? layer.module
        : fromOriginalBlocks(layer.module, layersPerBlock),
    ];
    const targets = names.map((name) => {
      const module = byFlatPath.get(name);
      if (module) return module;
      throw misfit(file.path, layer.down, `this model has no module "${layer.module}"`);
    });
    checkShapes(file, layer, targets);
    let firstRow = 0;
    for (const { path, inFeatures, outFeatures } of targets) {
      if (matched.has(path)) throw misfit(file.path, layer.down, 'its layer has two of them');
      // One scale and one shift, each as wide as what they change.
      const swapsHalves = renamed?.isModulation === true && outFeatures === 2 * inFeatures;
      matched.set(path, { layer, firstRow, swapsHalves });
      firstRow += outFeatures;
    }
  }
  return matched;
}

/** Reads all layers at once. */
export async function readLayers(
  file: SafetensorsFile,
  layers: readonly LoraLayer[],
): Promise<ReadonlyMap<LoraLayer, LowRankFactors>> {
  const names = layers.flatMap(({ down, up, mid, alpha }) =>
    [down, up, mid, alpha].filter((name) => name !== null),
  );
  const values = await readTensors(file, names);
  const valuesOf = (name: string) => values.get(name) ?? new Float32Array();
  return new Map(
    layers.map((layer) => {
      const rank = dimsOf(file, layer.down)[0] ?? 1;
      const alpha = layer.alpha === null ? rank : (valuesOf(layer.alpha)[0] ?? rank);
      const down = valuesOf(layer.down);
      const up = valuesOf(layer.up).map((value) => (value * alpha) / rank);
      if (layer.mid === null) return [layer, { rank, down, up }];
      const kernelSize = dimsOf(file, layer.mid)
        .slice(2)
        .reduce((product, side) => product * side, 1);
      return [layer, { rank, down: contract(valuesOf(layer.mid), down, rank, kernelSize), up }];
    }),
  );
}

/** mid [rank, rank, k] and down [rank, in] to one first half [rank, in, k]. */
function contract(
  mid: Float32Array,
  down: Float32Array,
  rank: number,
  kernelSize: number,
): Float32Array {
  const inFeatures = down.length / rank;
  const whole = new Float32Array(rank * inFeatures * kernelSize);
  for (let r = 0; r < rank; r += 1)
    for (let s = 0; s < rank; s += 1)
      for (let k = 0; k < kernelSize; k += 1) {
        const factor = mid[(r * rank + s) * kernelSize + k] ?? 0;
        for (let i = 0; i < inFeatures; i += 1) {
          const at = (r * inFeatures + i) * kernelSize + k;
          whole[at] = (whole[at] ?? 0) + factor * (down[s * inFeatures + i] ?? 0);
        }
      }
  return whole;
}

/** @param targets modules whose outputs stand one after the other in the layer's */
function checkShapes(
  file: SafetensorsFile,
  layer: LoraLayer,
  targets: readonly GraphModule[],
): void {
  const { inFeatures = 0, kernel = [] } = targets[0] ?? {};
  const outFeatures = targets.reduce((sum, target) => sum + target.outFeatures, 0);
  const names = targets.map((target) => `"${target.path}"`).join(', ');
  const downDims = dimsOf(file, layer.down);
  const [rank = 0] = downDims;
  const points = kernel.length === 0 ? [1, 1] : kernel;
  const expect = (tensor: string, ...shapes: readonly (readonly number[])[]) => {
    const dims = dimsOf(file, tensor);
    if (rank > 0 && shapes.some((shape) => shape.join() === dims.join())) return;
    throw misfit(
      file.path,
      tensor,
      `its shape [${dims.join(', ')}] does not fit ${names} of this model, which has ${inFeatures} inputs and ${outFeatures} outputs${kernel.length > 0 ? ` (${kernel.join(' × ')})` : ''}`,
    );
  };
  const flat = [rank, inFeatures];
  const asPoint = [...flat, 1, 1];
  if (layer.mid === null) {
    const isPoint = points.every((side) => side === 1);
    expect(layer.down, [...flat, ...points], ...(isPoint ? [flat] : []));
  } else {
    expect(layer.down, flat, asPoint);
    expect(layer.mid, [rank, rank, ...points]);
  }
  expect(layer.up, [outFeatures, rank], [outFeatures, rank, 1, 1]);
  const alphaSize = layer.alpha === null ? 1 : dimsOf(file, layer.alpha).reduce((a, b) => a * b, 1);
  if (layer.alpha !== null && alphaSize !== 1)
    throw misfit(file.path, layer.alpha, 'it is not one number');
}

function dimsOf({ tensors }: SafetensorsFile, name: string): readonly number[] {
  return tensors.get(name)?.dims ?? [];
}

function misfit(path: string, tensor: string, why: string): StudioError {
  return new StudioError(
    'model-invalid',
    `"${tensor}" in the file "${basename(path)}" cannot be used: ${why}. It was made for another model: choose that model, or leave the file out.`,
    { file: path, tensor },
  );
}
