/**
 * A studio that draws a grid until it is killed, saying how many pictures are stored after each.
 * Arguments: folder, models, and `add` to put the grid into the queue.
 */
import path from 'node:path';
import { createStudio } from '../create-studio.ts';
import { createNodeHostPorts } from '../node-host-ports.ts';
import { gridRequest } from './grid-request.fixture.ts';

const [folder = '', models = '', task = ''] = process.argv.slice(2);
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
if (task === 'add') await studio.client['queue.add'](gridRequest);
for await (const { jobs } of studio.client['queue.watch']({})) {
  process.send?.(jobs[0]?.imageIds.length ?? 0);
  if (jobs.every(({ state }) => state !== 'queued' && state !== 'running')) break;
}
await studio.close();
process.disconnect();
