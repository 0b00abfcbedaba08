/**
 * A studio as a process that can be killed: opens the folders it is given, adds the jobs it is
 * asked for, and reports on standard output, one JSON record a line.
 *
 * node studio-process.ts FOLDER MODELS JOBS FIRST_SEED
 */
import path from 'node:path';
import { createStudio } from '../../studio/create-studio.ts';
import { createNodeHostPorts } from '../../studio/node-host-ports.ts';

const [folder = '', models = '', jobs = '0', firstSeed = '0'] = process.argv.slice(2);

function report(record: object): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

const studio = await createStudio(
  createNodeHostPorts(
    'server',
    {
      data: path.join(folder, 'data'),
      library: path.join(folder, 'library'),
      cache: path.join(folder, 'cache'),
    },
    models,
  ),
);
report({ kind: 'open' });
for (let index = 0; index < Number(jobs); index += 1) {
  const { id } = await studio.client['queue.add']({
    modelId: 'tiny',
    prompt: 'a red apple',
    width: 64,
    height: 64,
    steps: 3,
    guidanceScale: 4,
    scheduler: 'euler-ancestral',
    sigmaSchedule: 'normal',
    seed: Number(firstSeed) + 10 * index,
    count: 3,
  });
  report({ kind: 'added', id, seed: Number(firstSeed) + 10 * index });
}
for await (const { jobs: all } of studio.client['queue.watch']({})) {
  if (all.every(({ state }) => state !== 'queued' && state !== 'running')) break;
}
report({ kind: 'idle' });
await studio.close();
