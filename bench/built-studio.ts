/** A whole studio in this process, with the built engine, in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { StudioClient } from '../contract/studio.ts';
import { createStudio } from '../main/studio/create-studio.ts';
import { forkNodeEngine } from '../main/studio/engine-client/node-engine-process.ts';
import { createNodeHostPorts } from '../main/studio/node-host-ports.ts';
import { builtEngine, starterPicture } from './built-engine.ts';

export interface BenchStudio extends AsyncDisposable {
  readonly client: StudioClient;
  /** Draws `count` pictures with seeds from `seed` and returns their pixels, RGB. */
  draw(seed: number, count: number): Promise<readonly Buffer[]>;
}

/** @param keep holds the studio's folders and is kept; without it they are made and removed */
export async function openBenchStudio(keep?: string): Promise<BenchStudio> {
  const folder = keep ?? mkdtempSync(path.join(tmpdir(), 'atelier-bench-studio-'));
  const ports = createNodeHostPorts('server', {
    data: path.join(folder, 'data'),
    library: path.join(folder, 'library'),
    cache: path.join(folder, 'cache'),
  });
  const studio = await createStudio({ ...ports, forkEngine: () => forkNodeEngine(builtEngine) });
  const { client } = studio;
  return {
    client,
    async draw(seed, count) {
      const models = await client['models.list']({});
      const model = models.find(({ kind }) => kind === 'image');
      if (!model) throw new Error('The starter image model is not installed.');
      const { id } = await client['queue.add']({
        ...starterPicture,
        modelId: model.id,
        seed,
        count,
      });
      for await (const { jobs } of client['queue.watch']({})) {
        const job = jobs.find((candidate) => candidate.id === id);
        if (job?.state === 'failed') throw new Error(job.error?.message);
        if (job?.state !== 'done') continue;
        const files = await Promise.all(
          job.imageIds.map((imageId) => client['images.get']({ id: imageId })),
        );
        return Promise.all(files.map((file) => sharp(file.path).removeAlpha().raw().toBuffer()));
      }
      throw new Error('The queue ended before the job.');
    },
    async [Symbol.asyncDispose]() {
      await studio.close();
      if (keep === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
