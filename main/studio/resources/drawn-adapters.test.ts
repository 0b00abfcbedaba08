/** Pictures with adapters through the whole studio, drawn by a tiny model. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImageRequest } from '../../../contract/image-request.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { createStudio, type Studio } from '../create-studio.ts';
import { createNodeHostPorts } from '../node-host-ports.ts';
import { newestOf } from '../library/library.fixture.ts';

const golden = fileURLToPath(new URL('../../engine/diffusion/golden', import.meta.url));
const adapter = (name: string) => path.join(golden, 'tiny-adapters', name);
let base: string;
let studio: Studio;

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'atelier-drawn-adapters-'));
  await cp(path.join(golden, 'tiny-stable-diffusion'), path.join(base, 'models', 'tiny'), {
    recursive: true,
  });
  const folders = {
    data: path.join(base, 'data'),
    library: path.join(base, 'library'),
    cache: path.join(base, 'cache'),
  };
  studio = await createStudio(createNodeHostPorts('server', folders, path.join(base, 'models')));
  for (const name of [
    'kohya.safetensors',
    'diffusers.safetensors',
    'sketchy.safetensors',
    'control',
  ])
    await studio.client['resources.import']({ path: adapter(name) });
}, 60_000);
afterAll(async () => {
  await studio.close();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

const request = {
  modelId: 'tiny',
  prompt: 'a red apple',
  negativePrompt: '',
  width: 64,
  height: 64,
  steps: 2,
  guidanceScale: 4,
  scheduler: 'ddim',
  sigmaSchedule: 'normal',
  seed: 3,
  count: 1,
} as const;

async function draw(change: Partial<ImageRequest>): Promise<ImageDetail> {
  const { id } = await studio.client['queue.add']({ ...request, ...change });
  for (;;) {
    const items = await newestOf(studio.client);
    for (const item of items) {
      const detail = await studio.client['images.get']({ id: item.id });
      if (detail.recipe?.jobId === id) return detail;
    }
    for await (const { jobs } of studio.client['queue.watch']({})) {
      const failed = jobs.find((job) => job.id === id && job.state === 'failed');
      if (failed) throw new Error(JSON.stringify(failed));
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const sha256 = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

it('uses adapters of the prompt and of the options, and records them with their hashes', async () => {
  const plain = await draw({});
  const { hash: picture } = await studio.client['inputs.add']({
    bytes: new Uint8Array(await readFile(adapter('control.png'))),
  });
  const drawn = await draw({
    prompt: 'a sketchy apple <lora:kohya:0.5>',
    loras: [{ id: 'diffusers', unetWeight: 0.7, textWeight: 0 }],
    controls: [{ id: 'control', picture, weight: 0.9, start: 0, end: 1, preprocessor: 'none' }],
  });
  expect(drawn.contentHash).not.toBe(plain.contentHash);
  expect(drawn.recipe?.resources).toMatchObject([
    {
      kind: 'lora',
      name: 'diffusers',
      weight: 0.7,
      hash: await sha256(adapter('diffusers.safetensors')),
    },
    { kind: 'lora', name: 'kohya', weight: 0.5, hash: await sha256(adapter('kohya.safetensors')) },
    { kind: 'embedding', name: 'sketchy', weight: 1 },
    { kind: 'controlnet', name: 'control', weight: 0.9 },
  ]);
  const [, own] = drawn.recipe?.resources ?? [];
  expect(drawn.parameters).toContain(
    'a sketchy apple <lora:kohya:0.5> <lora:diffusers:te=0:unet=0.7>',
  );
  expect(drawn.parameters).toContain(`kohya: ${own?.tensorsHash?.slice(0, 12)}`);
  expect(drawn.parameters).toMatch(/TI hashes: "sketchy: [0-9a-f]{12}"/);
  expect(plain.parameters).not.toContain('hashes');
}, 30_000);

it('says which adapter is missing: at once for an option, and in the job for a prompt', async () => {
  const add = studio.client['queue.add']({
    ...request,
    loras: [{ id: 'nowhere', unetWeight: 1, textWeight: 1 }],
  });
  await expect(add).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('no LoRA "nowhere"'),
  });
  await expect(draw({ prompt: 'x <lora:gone:1>' })).rejects.toThrow(/no LoRA \\"gone\\"/);
}, 30_000);
