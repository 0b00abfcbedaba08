/**
 * A model of the size of Stable Diffusion 1.5, with random weights: models/recipes/bench makes it.
 * Its folder is named by ATELIER_BENCH_MODEL; without it the scenarios that need it are skipped.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DrawEvent, type DrawFiles, noDrawFiles } from '../contract/engine.ts';
import { defaultImageOptions } from '../contract/image-options.ts';
import type { ImageSettings } from '../contract/image-request.ts';
import { createPainter } from '../main/engine/diffusion/painter.ts';
import { loadOnnxruntime, type Onnxruntime } from '../main/engine/runtime/load-onnxruntime.ts';
import { model, node, valueInfo } from '../main/engine/runtime/onnx-message.ts';
import { createSessionPool, type OnnxSessionPool } from '../main/engine/runtime/session-pool.ts';
import { tensor, type Tensor } from '../main/engine/tensor/tensor.ts';

const folder = process.env['ATELIER_BENCH_MODEL'] ?? '';

/** The runtime's own, beneath the engine's sessions. */
export type NativeSession = Awaited<ReturnType<Onnxruntime['InferenceSession']['create']>>;

export function largeModelMissing(): string | null {
  return existsSync(path.join(folder, 'model_index.json'))
    ? null
    : 'needs a large model: make one with models/recipes/bench/stable_diffusion_shape.py and name its folder in ATELIER_BENCH_MODEL';
}

export const largeModel = { id: 'sd15-shape', folder };
export const graphOf = (part: string): string => path.join(folder, part, 'model.onnx');
export const loraFile = path.join(folder, 'lora.safetensors');

/** Of the graphs that one picture needs. */
export function weightBytes(): number {
  return ['text_encoder', 'unet', 'vae_decoder']
    .flatMap((part) => [graphOf(part), `${graphOf(part)}_data`])
    .reduce((sum, file) => sum + statSync(file).size, 0);
}

export const largeBudgetBytes = 12 * 2 ** 30;

export const largePicture: ImageSettings = {
  modelId: largeModel.id,
  prompt: 'a red apple',
  negativePrompt: 'blurry',
  width: 512,
  height: 512,
  steps: 2,
  guidanceScale: 7.5,
  scheduler: 'ddim',
  sigmaSchedule: 'normal',
  seed: 7,
  ...defaultImageOptions,
};

/** The engine's own parts in this process, so that raw runs can alternate with its work. */
export interface LargeEngine extends AsyncDisposable {
  readonly onnxruntime: Onnxruntime;
  readonly pool: OnnxSessionPool;
  /** The sessions that the pool opened, as the runtime knows them, by graph. */
  readonly native: ReadonlyMap<string, NativeSession>;
  draw(changes?: Partial<ImageSettings>, files?: Partial<DrawFiles>): Promise<DrawnPicture>;
}

export interface DrawnPicture {
  readonly picture: Extract<DrawEvent, { kind: 'image' }>;
  readonly wholeMs: number;
}

type SessionOptions = NonNullable<Parameters<Onnxruntime['InferenceSession']['create']>[1]>;

export async function openLargeEngine(cacheFolder?: string): Promise<LargeEngine> {
  const own = mkdtempSync(path.join(tmpdir(), 'atelier-bench-large-'));
  const onnxruntime = await loadOnnxruntime();
  const native = new Map<string, NativeSession>();
  const { InferenceSession: sessions } = onnxruntime;
  const watched = new Proxy(sessions, {
    get(target, name) {
      if (name !== 'create') return Reflect.get(target, name) as unknown;
      return async (source: string | Uint8Array, options: SessionOptions) => {
        const session =
          typeof source === 'string'
            ? await target.create(source, options)
            : await target.create(source, options);
        native.set(session.inputNames[0] ?? '', session);
        return session;
      };
    },
  });
  const pool = createSessionPool({
    onnxruntime: { ...onnxruntime, InferenceSession: watched },
    provider: 'cpu',
    threads: 0,
    memoryBudgetBytes: largeBudgetBytes,
    cacheFolder: cacheFolder ?? own,
  });
  const painter = createPainter();
  return {
    onnxruntime,
    pool,
    native,
    async draw(changes = {}, files = {}) {
      const startedAt = performance.now();
      const events = painter.draw(
        pool,
        largeModel,
        { ...largePicture, ...changes },
        {
          previews: true,
          files: { ...noDrawFiles, ...files },
          signal: new AbortController().signal,
        },
      );
      for await (const event of events)
        if (event.kind === 'image')
          return { picture: event, wholeMs: performance.now() - startedAt };
      throw new Error('The drawing ended without a picture.');
    },
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      rmSync(own, { recursive: true, force: true });
    },
  };
}

const waves = (count: number) =>
  Float32Array.from({ length: count }, (_, index) => Math.sin(index * 12.9898) * 1.4);

/** What the UNet reads at one step. @param side of the latents */
export function unetFeeds(side: number, batch = 1): Readonly<Record<string, Tensor>> {
  return {
    sample: tensor('float32', waves(batch * 4 * side * side), [batch, 4, side, side]),
    timestep: tensor('float32', Float32Array.of(500), [1]),
    encoder_hidden_states: tensor('float32', waves(batch * 77 * 768), [batch, 77, 768]),
  };
}

export interface MatrixProduct extends AsyncDisposable {
  /** Of each of several products, ×10⁹ multiplications and additions per second. */
  gflops(): Promise<readonly number[]>;
}

/** What is run beside the steps to know how fast the processor multiplies just now. */
export async function openMatrixProduct(onnxruntime: Onnxruntime): Promise<MatrixProduct> {
  const side = 2048;
  const graph = model(
    node('MatMul', ['a', 'b'], ['y']),
    valueInfo(11, 'a', 'float32', side, side),
    valueInfo(11, 'b', 'float32', side, side),
    valueInfo(12, 'y', 'float32', side, side),
  );
  const session = await onnxruntime.InferenceSession.create(graph);
  const matrix = () => new onnxruntime.Tensor('float32', waves(side * side), [side, side]);
  const feeds = { a: matrix(), b: matrix() };
  const repeats = 8;
  await session.run(feeds);
  return {
    async gflops() {
      const rates: number[] = [];
      for (let index = 0; index < repeats; index += 1) {
        const startedAt = performance.now();
        await session.run(feeds);
        rates.push((2 * side ** 3) / (performance.now() - startedAt) / 1e6);
      }
      return rates;
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let error = 0;
  let size = 0;
  for (let index = 0; index < a.length; index += 1) {
    error += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
    size += (a[index] ?? 0) ** 2;
  }
  return Math.sqrt(error / size);
}
