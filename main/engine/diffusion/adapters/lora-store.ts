/**
 * LoRA files and what they add up to, kept between pictures.
 *
 * Promises: a file is read once for as long as it is in use and unchanged; another weight costs a
 * multiplication, not a read.
 */
import { stat } from 'node:fs/promises';
import type { LoraFile } from '../../../../contract/engine.ts';
import type { GraphModule } from '../../session.ts';
import type { RealValues } from '../graph-tensors.ts';
import {
  matchLayers,
  openLora,
  readLayers,
  type LayerShare,
  type LoraFileLayers,
  type LoraLayer,
  type LowRankFactors,
} from './lora-file.ts';
import type { AdaptedPart } from './lora-names.ts';

/** What a part's graph is fed. */
export interface LowRankTerms {
  /** Sorted. */
  readonly modules: readonly string[];
  /** By the names of `GraphEdit.lowRank`. */
  readonly values: ReadonlyMap<string, RealValues>;
}

export interface LoraStore {
  /**
   * @param loras files with weights other than 0 for this graph, in any number
   * @param parts names that files have for this graph
   * @throws {StudioError} `not-found`, `model-invalid`, `unsupported`, naming file and tensor
   */
  combine(
    loras: readonly LoraFile[],
    parts: readonly AdaptedPart[],
    modules: readonly GraphModule[],
  ): Promise<LowRankTerms>;
  /** Forgets files that are not among these. */
  keepOnly(loras: readonly LoraFile[]): void;
}

interface KeptFile {
  readonly stamp: string;
  readonly opened: LoraFileLayers;
  /** By the parts that they are of. */
  readonly factors: Map<string, ReadonlyMap<LoraLayer, LowRankFactors>>;
}

export function createLoraStore(): LoraStore {
  const files = new Map<string, KeptFile>();
  const combined = new Map<string, { readonly key: string; readonly terms: LowRankTerms }>();

  async function open(path: string): Promise<KeptFile> {
    const found = await stat(path).catch(() => null);
    const stamp = found ? `${found.size}:${found.mtimeMs}` : '';
    const known = files.get(path);
    if (known?.stamp === stamp) return known;
    const fresh: KeptFile = { stamp, opened: await openLora(path), factors: new Map() };
    files.set(path, fresh);
    return fresh;
  }

  async function factorsOf(
    { opened, factors }: KeptFile,
    part: string,
    layers: readonly LoraLayer[],
  ): Promise<ReadonlyMap<LoraLayer, LowRankFactors>> {
    const known = factors.get(part);
    if (known) return known;
    const read = await readLayers(opened.file, layers);
    factors.set(part, read);
    return read;
  }

  return {
    async combine(loras, parts, modules) {
      const part = parts.join();
      const byModule = new Map<string, Weighted[]>();
      const key: unknown[] = [modules.length];
      for (const lora of loras) {
        const weight = parts.includes('denoiser') ? lora.unetWeight : lora.textWeight;
        if (weight === 0) continue;
        const kept = await open(lora.path);
        const matched = matchLayers(kept.opened, parts, modules);
        const layers = new Set([...matched.values()].map(({ layer }) => layer));
        const read = await factorsOf(kept, part, [...layers]);
        key.push([lora.path, kept.stamp, weight]);
        for (const [path, share] of matched) {
          const factors = read.get(share.layer);
          if (!factors) continue;
          byModule.set(path, [...(byModule.get(path) ?? []), { factors, share, weight }]);
        }
      }
      const known = combined.get(part);
      if (known?.key === JSON.stringify(key)) return known.terms;
      const values = new Map<string, RealValues>();
      for (const module of modules) {
        const parts = byModule.get(module.path);
        if (!parts) continue;
        const { down, up } = joinFactors(module, parts);
        values.set(`${module.path}.lora_down`, down);
        values.set(`${module.path}.lora_up`, up);
      }
      const terms = { modules: [...byModule.keys()].sort(), values };
      combined.set(part, { key: JSON.stringify(key), terms });
      return terms;
    },
    keepOnly(loras) {
      const inUse = new Set(loras.map(({ path }) => path));
      for (const path of files.keys()) if (!inUse.has(path)) files.delete(path);
      if (loras.length === 0) combined.clear();
    },
  };
}

interface Weighted {
  readonly share: LayerShare;
  readonly factors: LowRankFactors;
  readonly weight: number;
}

/** Σ wᵢ · upᵢ · downᵢ is one product of the halves side by side. */
function joinFactors(
  { kind, inFeatures, outFeatures, kernel }: GraphModule,
  parts: readonly Weighted[],
): { readonly down: RealValues; readonly up: RealValues } {
  const rank = parts.reduce((sum, { factors }) => sum + factors.rank, 0);
  const inSize = inFeatures * kernel.reduce((product, side) => product * side, 1);
  const down = new Float32Array(rank * inSize);
  const up = new Float32Array(outFeatures * rank);
  let first = 0;
  for (const { factors, share, weight } of parts) {
    const rowOf = (output: number) =>
      share.firstRow + (share.swapsHalves ? (output + outFeatures / 2) % outFeatures : output);
    for (let r = 0; r < factors.rank; r += 1) {
      const row = first + r;
      for (let i = 0; i < inSize; i += 1)
        down[kind === 'linear' ? i * rank + row : row * inSize + i] =
          factors.down[r * inSize + i] ?? 0;
      for (let o = 0; o < outFeatures; o += 1)
        up[kind === 'linear' ? row * outFeatures + o : o * rank + row] =
          (factors.up[rowOf(o) * factors.rank + r] ?? 0) * weight;
    }
    first += factors.rank;
  }
  return kind === 'linear'
    ? {
        down: { values: down, dims: [inFeatures, rank] },
        up: { values: up, dims: [rank, outFeatures] },
      }
    : {
        down: { values: down, dims: [rank, inFeatures, ...kernel] },
        up: { values: up, dims: [outFeatures, rank, 1, 1] },
      };
}
