import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { ImageDetail } from '../../../contract/images.ts';
import { reuseHandlers } from './reuse-handlers.ts';

const golden = (name: string) => path.join(import.meta.dirname, 'metadata/golden', name);

/** A library with one picture, of which it keeps nothing but where it lies. */
function handlersFor(name: string, kept: Partial<ImageDetail> = {}) {
  const picture: ImageDetail = {
    id: 'picture',
    contentHash: 'a'.repeat(64),
    width: 24,
    height: 40,
    createdAt: 0,
    prompt: '',
    rating: 0,
    flag: null,
    label: null,
    tagCount: 0,
    hasNote: false,
    format: 'png',
    source: 'imported',
    url: '',
    thumbnailUrl: '',
    isSheet: false,
    fileName: name,
    path: golden(name),
    sizeBytes: 1,
    recipe: null,
    parameters: null,
    missing: false,
    tags: [],
    note: '',
    albums: [],
    program: null,
    understood: null,
    rawTexts: [],
    importedFrom: null,
    colours: [],
    problems: [],
    ...kept,
  };
  return reuseHandlers({
    library: { get: () => Promise.resolve(picture) },
    catalog: { list: () => [] },
    resources: { list: () => [], hashes: () => Promise.reject(new Error('None.')) },
  });
}

const context = { signal: new AbortController().signal } as never;

it.each([
  'comfyui.png',
  'invokeai-3.png',
  'novelai-stealth.png',
  'draw-things.jpg',
  'fooocus.webp',
])('gives back what a picture’s file tells, in the library and without: %s', async (name) => {
  const handlers = handlersFor(name);
  const known = await handlers['images.reusable']({ id: 'picture' }, context);
  expect(known.settings).toMatchObject({ steps: 20, seed: 1234567890 });
  const bytes = readFileSync(golden(name));
  const { reusable } = await handlers['inputs.reusable']({ bytes }, context);
  expect(reusable).toEqual(known);
});

it('takes what the library keeps where the file is gone', async () => {
  const parameters = 'a cat\nSteps: 3, Sampler: Euler, Seed: 5';
  const handlers = handlersFor('gone.png', { missing: true, parameters });
  const found = await handlers['images.reusable']({ id: 'picture' }, context);
  expect(found.settings).toMatchObject({ prompt: 'a cat', steps: 3, seed: 5 });
});

it('says so where a file tells nothing', async () => {
  const handlers = handlersFor('plain.png');
  await expect(handlers['images.reusable']({ id: 'picture' }, context)).rejects.toMatchObject({
    code: 'not-found',
  });
  const bytes = readFileSync(golden('plain.png'));
  expect(await handlers['inputs.reusable']({ bytes }, context)).toEqual({ reusable: null });
});
