/** What the library's tests share: recipes, pixels, temporary libraries. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { z } from 'zod';
import type { CareReport, CopyReport, careContract } from '../../../contract/care.ts';
import { defaultImageOptions } from '../../../contract/image-options.ts';
import { imageIdAt } from '../../../contract/ids.ts';
import {
  everyImage,
  type ImageQuery,
  type ImageSummary,
  type Recipe,
} from '../../../contract/images.ts';
import type { StudioClient } from '../../../contract/studio.ts';
import { openLibrary, type Library } from './library.ts';

export function recipeOf({
  prompt = 'a red apple, 3d',
  seed = 7,
  ...rest
}: Partial<Recipe> & { prompt?: string; seed?: number } = {}): Recipe {
  return {
    version: 1,
    settings: {
      modelId: 'starter',
      prompt,
      negativePrompt: 'blurry',
      width: 64,
      height: 64,
      steps: 20,
      guidanceScale: 7,
      scheduler: 'dpmpp-2m',
      sigmaSchedule: 'karras',
      seed,
      ...defaultImageOptions,
    },
    resolvedPrompt: prompt,
    modelName: 'Starter',
    modelHash: '0123456789abcdef'.repeat(4),
    provider: 'cpu',
    versions: { atelier: '0.1.0', onnxruntime: '1.30.0' },
    jobId: randomUUID(),
    pictureIndex: 0,
    createdAt: new Date(2026, 10, 24, 3, 15, 2).getTime(),
    durationMs: 1234,
    resources: [],
    sheet: null,
    ...rest,
  };
}

/** Pixels that depend on the seed and hardly compress, for 64 × 64 pictures and larger. */
export function noiseOf(seed: number, side = 64): Uint8Array {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return Uint8Array.from({ length: side * side * 3 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

export async function addPicture(
  library: Library,
  recipe: Recipe,
  { embedRecipe = true, side = 64 } = {},
) {
  const rgb = noiseOf(recipe.settings.seed, side);
  return library.addImage({ rgb, width: side, height: side, recipe, embedRecipe });
}

export interface TemporaryLibrary {
  readonly folder: string;
  readonly cacheFolder: string;
  readonly entries: string[];
  /** Opens it; all libraries opened here are closed at the end. */
  open(): Promise<Library>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param parent where to make it; the system's temporary folder if left out */
export async function temporaryLibrary(parent = tmpdir()): Promise<TemporaryLibrary> {
  const root = await mkdtemp(path.join(parent, 'atelier-library-'));
  const folder = path.join(root, 'library');
  const cacheFolder = path.join(root, 'cache');
  const opened: Library[] = [];
  const entries: string[] = [];
  return {
    folder,
    cacheFolder,
    entries,
    async open() {
      const library = await openLibrary({
        folder,
        cacheFolder,
        log: (level, text) => entries.push(`${level}: ${text}`),
      });
      opened.push(library);
      await library.healed;
      return library;
    },
    async [Symbol.asyncDispose]() {
      for (const library of opened) await library.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** In the order of the query. */
export async function idsOf(library: Library, query: Partial<ImageQuery> = {}): Promise<string[]> {
  const { ids } = await library.ask.index({ query: { ...everyImage, ...query } });
  return Array.from({ length: ids.length / 16 }, (_, index) => imageIdAt(ids, index));
}

/** Those of at most 500 pictures. */
export async function summariesOf(
  library: Library,
  query: Partial<ImageQuery> = {},
): Promise<ImageSummary[]> {
  const ids = await idsOf(library, query);
  return (await library.ask.summaries({ ids })).summaries;
}

/** The newest pictures of a studio, at most 500. */
export async function newestOf(client: StudioClient): Promise<ImageSummary[]> {
  const { ids } = await client['images.index']({ limit: 500 });
  const newest = Array.from({ length: ids.length / 16 }, (_, index) => imageIdAt(ids, index));
  return (await client['images.summaries']({ ids: newest })).summaries;
}

export async function rate(
  library: Library,
  ids: readonly string[],
  rating: number,
): Promise<void> {
  await library.change.mark({ ids: [...ids], change: { rating } });
}

export async function trash(library: Library, ids: readonly string[]): Promise<void> {
  await library.change.trash({ ids: [...ids] });
}

export async function restore(library: Library, ids: readonly string[]): Promise<void> {
  await library.change.restore({ ids: [...ids] });
}

/** What a check, or a fix, comes to. */
export async function reportOf(
  events: AsyncIterable<z.input<(typeof careContract)['library.check']['item']>>,
): Promise<CareReport> {
  for await (const event of events) if (event.kind === 'report') return event.report;
  throw new Error('There was no report.');
}

export async function checkedReport(
  library: Library,
  signal = AbortSignal.timeout(60_000),
): Promise<CareReport> {
  return reportOf(library.care['library.check']({}, { signal }));
}

export async function fixedReport(
  library: Library,
  signal = AbortSignal.timeout(60_000),
): Promise<CareReport> {
  return reportOf(library.care['library.fix']({}, { signal }));
}

/** Of a backup, a restore or a merge. */
export async function copyReport(
  library: Library,
  copying: 'backup' | 'restore' | 'merge',
  folder: string,
  signal = AbortSignal.timeout(60_000),
): Promise<CopyReport> {
  for await (const event of library.care[`library.${copying}`]({ folder }, { signal }))
    if (event.kind === 'done') return event.report;
  throw new Error('There was no report.');
}

/** Of a library with which nothing is wrong. */
export function soundReport(images: number, trashed = 0): CareReport {
  return { images, trashed, findings: [], found: 0, mended: 0 };
}
