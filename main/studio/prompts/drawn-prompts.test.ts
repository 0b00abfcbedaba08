/** Prompts with choices through the whole studio, drawn by a tiny model. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImageDetail } from '../../../contract/images.ts';
import { createStudio, type Studio } from '../create-studio.ts';
import { createNodeHostPorts } from '../node-host-ports.ts';
import { newestOf } from '../library/library.fixture.ts';

const tinyModel = fileURLToPath(
  new URL('../../engine/diffusion/golden/tiny-stable-diffusion', import.meta.url),
);
const prompt = 'a {red|green|blue|white} {cat|dog|fish} __place__';
let base: string;
let studio: Studio;

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'atelier-drawn-prompts-'));
  await cp(tinyModel, path.join(base, 'models', 'tiny'), { recursive: true });
  await mkdir(path.join(base, 'library', 'wildcards'), { recursive: true });
  await writeFile(path.join(base, 'library', 'wildcards', 'place.txt'), 'indoors\nin a wood\n');
  const folders = {
    data: path.join(base, 'data'),
    library: path.join(base, 'library'),
    cache: path.join(base, 'cache'),
  };
  studio = await createStudio(createNodeHostPorts('server', folders, path.join(base, 'models')));
}, 60_000);
afterAll(async () => {
  await studio.close();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

/** @returns the pictures by index */
async function draw(seed: number, count: number): Promise<ImageDetail[]> {
  const { id } = await studio.client['queue.add']({
    modelId: 'tiny',
    prompt,
    negativePrompt: '{blurry|noisy}',
    width: 64,
    height: 64,
    steps: 1,
    guidanceScale: 4,
    scheduler: 'ddim',
    sigmaSchedule: 'normal',
    seed,
    count,
  });
  for (;;) {
    const items = await newestOf(studio.client);
    const details = await Promise.all(
      items.map((item) => studio.client['images.get']({ id: item.id })),
    );
    const own = details.filter(({ recipe }) => recipe?.jobId === id);
    if (own.length === count)
      return own.toSorted((a, b) => (a.recipe?.pictureIndex ?? 0) - (b.recipe?.pictureIndex ?? 0));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it('keep the template and what each picture made of it, and one of a batch can be made again alone', async () => {
  const batch = await draw(40, 5);
  for (const { recipe } of batch) {
    expect(recipe?.settings.prompt).toBe(prompt);
    expect(recipe?.resolvedPrompt).toMatch(
      /^a (red|green|blue|white) (cat|dog|fish) (indoors|in a wood)$/,
    );
    expect(recipe?.resolvedNegativePrompt).toMatch(/^(blurry|noisy)$/);
  }
  const resolved = batch.map(({ recipe }) => recipe?.resolvedPrompt);
  expect(new Set(resolved).size).toBeGreaterThan(1);

  const [alone] = await draw(43, 1);
  expect(alone?.recipe?.resolvedPrompt).toBe(resolved[3]);
  expect(alone?.parameters?.split('\n')[0]).toBe(resolved[3]);

  const history = await studio.client['prompts.history']({ text: 'FISH' });
  expect(history).toMatchObject([{ prompt, negativePrompt: '{blurry|noisy}' }]);
  expect(await studio.client['prompts.history']({ text: 'elephant' })).toEqual([]);
}, 60_000);

it('are counted as what seeds make of them, not as typed', async () => {
  const count = (text: string, seed: number | null, pictures = 1) =>
    studio.client['prompt.count']({ modelId: 'tiny', prompt: text, seed, pictures });
  const long = await count('a red cat, a red cat', null);
  expect(long).toMatchObject({ leastTokens: long.tokens, triedSeeds: 0 });
  const one = await count('a', null);
  expect(await count('[a:a red cat, a red cat:0.5]', 1)).toEqual(long);
  const choice = '{a red cat, a red cat|a}';
  expect(await count(choice, null)).toEqual({
    ...long,
    leastTokens: one.tokens,
    triedSeeds: 64,
  });
  const own = await count(choice, 3);
  expect([one.tokens, long.tokens]).toContain(own.tokens);
  expect(own).toMatchObject({ leastTokens: own.tokens, triedSeeds: 0 });
  expect(await count(choice, 3, 30)).toEqual({
    ...long,
    leastTokens: one.tokens,
    triedSeeds: 0,
  });
}, 60_000);
