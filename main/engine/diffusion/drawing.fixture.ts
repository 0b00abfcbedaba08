/** The golden models, a pool of real sessions, and what the tests of pictures do with them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultImageOptions } from '../../../contract/image-options.ts';
import type { DrawEvent } from '../../../contract/engine.ts';
import type {
  ImageSettings,
  SchedulerName,
  SigmaSchedule,
} from '../../../contract/image-request.ts';
import { runtimeParts, type RuntimeName } from '../runtime/runtimes.fixture.ts';
import { createSessionPool, type OnnxSessionPool } from '../runtime/session-pool.ts';

export const goldenFolder = fileURLToPath(new URL('./golden', import.meta.url));
export const neverAborted = new AbortController().signal;

export interface TestPool extends AsyncDisposable {
  readonly pool: OnnxSessionPool;
  /** Goes when the pool does. */
  readonly folder: string;
}

export async function openTestPool(
  memoryBudgetBytes = 2 ** 30,
  runtime?: RuntimeName,
): Promise<TestPool> {
  const cacheFolder = await mkdtemp(path.join(tmpdir(), 'atelier-diffusion-'));
  const pool = createSessionPool({
    ...(await runtimeParts(runtime)),
    provider: 'cpu',
    threads: 1,
    memoryBudgetBytes,
    cacheFolder,
  });
  return {
    pool,
    folder: cacheFolder,
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await rm(cacheFolder, { recursive: true, force: true });
    },
  };
}

export function settingsWith(change: Partial<ImageSettings> = {}): ImageSettings {
  return {
    modelId: 'tiny',
    prompt: 'a red apple',
    negativePrompt: '',
    width: 64,
    height: 64,
    steps: 4,
    guidanceScale: 7.5,
    scheduler: 'ddim',
    sigmaSchedule: 'normal',
    seed: 11,
    ...defaultImageOptions,
    ...change,
  };
}

export type ImageEvent = Extract<DrawEvent, { kind: 'image' }>;

export async function collect(
  drawing: AsyncIterable<DrawEvent>,
): Promise<{ readonly events: readonly DrawEvent[]; readonly image: ImageEvent }> {
  const events: DrawEvent[] = [];
  for await (const event of drawing) events.push(event);
  const image = events.at(-1);
  if (image?.kind !== 'image') throw new Error('The last event is not the image.');
  return { events, image };
}

/** "dpmpp-2m-karras" of the golden files to the contract's two names. */
export function splitSchedulerName(name: string): {
  readonly scheduler: SchedulerName;
  readonly sigmaSchedule: SigmaSchedule;
} {
  const scheduler = name.replace('-karras', '') as SchedulerName;
  return { scheduler, sigmaSchedule: scheduler === name ? 'normal' : 'karras' };
}

/** Every `stride`-th pixel of every `stride`-th row, as the golden files keep them. */
export function sparsePixels({ rgb, width, height }: ImageEvent, stride: number): number[] {
  const pixels: number[] = [];
  for (let y = 0; y < height; y += stride)
    for (let x = 0; x < width; x += stride)
      for (let c = 0; c < 3; c += 1) pixels.push(rgb[(y * width + x) * 3 + c] ?? Number.NaN);
  return pixels;
}

/** The largest |actual − expected|; NaN where one is missing. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  return Math.max(
    ...Array.from(expected, (value, index) => Math.abs(value - (actual[index] ?? Number.NaN))),
  );
}

/** |actual − expected| / |expected|, Euclidean; NaN where one is missing. */
export function relativeL2(actual: ArrayLike<number>, expected: readonly number[]): number {
  let difference = actual.length === expected.length ? 0 : Number.NaN;
  let norm = 0;
  for (const [index, value] of expected.entries()) {
    difference += ((actual[index] ?? Number.NaN) - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(difference / norm);
}
