/** What the library's tests share: recipes, pixels, temporary libraries. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultImageOptions } from '../../../contract/image-options.ts';
import type { PageQuery, Recipe } from '../../../contract/images.ts';
import { openLibrary, type Library } from './library.ts';

export const everything: PageQuery = { text: '', minRating: 0, trashed: false };

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
      return library;
    },
    async [Symbol.asyncDispose]() {
      for (const library of opened) await library.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

export async function idsOf(library: Library, query: Partial<PageQuery> = {}): Promise<string[]> {
  const { items } = await library.page({ ...everything, ...query }, null, 1000);
  return items.map(({ id }) => id);
}
