/** Grids through the real studio and engine, on the tiny model. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageDetail } from '../../../contract/images.ts';
import type { Job } from '../../../contract/queue.ts';
import { createStudio, type Studio } from '../create-studio.ts';
import { createNodeHostPorts } from '../node-host-ports.ts';
import { gridRequest } from './grid-request.fixture.ts';
import { newestOf } from '../library/library.fixture.ts';

const tinyModel = path.join(
  import.meta.dirname,
  '../../engine/diffusion/golden/tiny-stable-diffusion',
);

let folder: string;
let models: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-grids-'));
  models = path.join(folder, 'models');
  await mkdir(models);
  await cp(tinyModel, path.join(models, 'tiny'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

function openStudio(parent: string): Promise<Studio> {
  const folders = {
    data: path.join(parent, 'data'),
    library: path.join(parent, 'library'),
    cache: path.join(parent, 'cache'),
  };
  return createStudio(createNodeHostPorts('server', folders, models));
}

async function ended(studio: Studio, id?: string): Promise<Job> {
  for await (const { jobs } of studio.client['queue.watch']({})) {
    const job = id === undefined ? jobs[0] : jobs.find((candidate) => candidate.id === id);
    if (job?.finishedAt) return job;
  }
  throw new Error('The queue ended before the job.');
}

function picturesOf(studio: Studio, { imageIds }: Job): Promise<ImageDetail[]> {
  return Promise.all(imageIds.map((id) => studio.client['images.get']({ id })));
}

const pixels = (file: string) => sharp(file).raw().toBuffer();

describe('a grid', () => {
  it('makes each picture with its own recipe, and a sheet that names them in their places', async () => {
    const studio = await openStudio(folder);
    try {
      const { id, request } = await studio.client['queue.add'](gridRequest);
      expect(request.count).toBe(6);
      const job = await ended(studio, id);
      expect(job).toMatchObject({ state: 'done', error: null });
      const pictures = await picturesOf(studio, job);
      const sheet = pictures.pop();
      expect(
        pictures.map(({ recipe }) => [
          recipe?.settings.steps,
          recipe?.settings.scheduler,
          recipe?.sheet,
          recipe?.pictureIndex,
        ]),
      ).toEqual([
        [2, 'euler-ancestral', null, 0],
        [3, 'euler-ancestral', null, 1],
        [4, 'euler-ancestral', null, 2],
        [2, 'ddim', null, 3],
        [3, 'ddim', null, 4],
        [4, 'ddim', null, 5],
      ]);
      expect(sheet?.recipe).toMatchObject({
        pictureIndex: 6,
        resolvedPrompt: 'a red apple',
        sheet: { grid: request.grid, cells: pictures.map((picture) => picture.id) },
      });
      expect(sheet?.parameters).toContain(
        'Script: X/Y/Z plot, X Type: Steps, X Values: 2-4, Y Type: Sampler, Y Values: "Euler a, ddim"',
      );
      const items = await newestOf(studio.client);
      expect(items.filter(({ isSheet }) => isSheet).map((item) => item.id)).toEqual([sheet?.id]);
      // Every cell is on the sheet, unscaled, and there is light text on the dark ground.
      const { data, info } = await sharp(sheet?.path).raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([sheet?.width, sheet?.height]);
      expect(data.subarray(0, 3)).toEqual(Buffer.from([22, 22, 22]));
      const rows = (bytes: Buffer, width: number, row: number, from: number, count: number) =>
        bytes.subarray((row * width + from) * 3, (row * width + from + count) * 3);
      for (const picture of pictures) {
        const own = await pixels(picture.path);
        expect(data.includes(rows(own, 64, 20, 0, 64))).toBe(true);
      }
      // Alone it comes out the same.
      const { recipe } = pictures[4] ?? {};
      const again = await studio.client['queue.add']({
        ...gridRequest,
        ...recipe?.settings,
        grid: null,
      });
      const [alone] = await picturesOf(studio, await ended(studio, again.id));
      expect(await pixels(alone?.path ?? '')).toEqual(await pixels(pictures[4]?.path ?? ''));
    } finally {
      await studio.close();
    }
  });

  it('is refused in words before anything is drawn', async () => {
    const studio = await openStudio(folder);
    const add = (field: 'steps' | 'model' | 'size', values: string) =>
      studio.client['queue.add']({ ...gridRequest, grid: { axes: [{ field, values }] } });
    try {
      await expect(add('steps', '4, x')).rejects.toMatchObject({
        code: 'bad-request',
        message:
          'Grid, Steps, at character 4: "x" is not a whole number or a range such as 1-9 (+2).',
      });
      await expect(add('model', 'tiny, nowhere')).rejects.toMatchObject({ code: 'model-missing' });
      await expect(add('size', '64x66')).rejects.toThrow(/multiple of/);
    } finally {
      await studio.close();
    }
  });

  it('keeps its cells when it is cancelled, and ends with the sheet when it is taken up again', async () => {
    const studio = await openStudio(folder);
    try {
      const { id } = await studio.client['queue.add'](gridRequest);
      for await (const { jobs } of studio.client['queue.watch']({})) {
        if ((jobs[0]?.imageIds.length ?? 0) >= 2) break;
      }
      await studio.client['queue.cancel']({ id });
      const cancelled = await ended(studio, id);
      expect(cancelled.state).toBe('cancelled');
      expect(cancelled.imageIds.length).toBeLessThan(7);
      await studio.client['queue.retry']({ id });
      const job = await ended(studio, id);
      expect(job.imageIds.slice(0, cancelled.imageIds.length)).toEqual(cancelled.imageIds);
      expect(job.imageIds).toHaveLength(7);
    } finally {
      await studio.close();
    }
  });

  it(
    'loses no cell and makes none twice when everything is killed after any of them, or before the sheet',
    { timeout: 240_000 },
    async () => {
      const killed = path.join(folder, 'killed');
      const fixture = path.join(import.meta.dirname, 'grid-process.fixture.ts');
      for (let stored = 0; stored <= 7; stored += 1) {
        const child = fork(fixture, [killed, models, stored === 0 ? 'add' : '']);
        const exited = once(child, 'exit');
        // Said once before anything is drawn, too.
        const reached = new Promise<void>((resolve) => {
          child.on('message', (message) => {
            if (typeof message === 'number' && message >= stored) resolve();
          });
        });
        await Promise.race([reached, exited]);
        await sleep(Math.random() * 30);
        child.kill('SIGKILL');
        await exited;
      }
      const studio = await openStudio(killed);
      try {
        const job = await ended(studio);
        expect(job.state).toBe('done');
        const pictures = await picturesOf(studio, job);
        expect(pictures.map(({ recipe }) => recipe?.pictureIndex)).toEqual([0, 1, 2, 3, 4, 5, 6]);
        expect(await newestOf(studio.client)).toHaveLength(7);
        expect(pictures[6]?.recipe?.sheet?.cells).toEqual(job.imageIds.slice(0, 6));
      } finally {
        await studio.close();
      }
    },
  );
});
