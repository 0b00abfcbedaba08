/**
 * A process that runs the exports of a data folder until it is killed or they are done. Arguments: file with what the
 * library knows of its pictures, data folder, target, kind.
 */
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { StudioError } from '../../../contract/errors.ts';
import { ExportOptions } from '../../../contract/exports.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { openExports } from './exports-handlers.ts';
import { packIds } from './pictures/packed-ids.ts';

const [detailsFile = '', dataFolder = '', target = '', kind = 'folder'] = process.argv.slice(2);
const details = JSON.parse(readFileSync(detailsFile, 'utf8')) as ImageDetail[];
const pictures = new Map(details.map((picture) => [picture.id, picture]));
const { signal } = new AbortController();
const exports = await openExports({
  dataFolder,
  libraryFolder: `${dataFolder}-none`,
  pictures: {
    resolve: () => Promise.resolve({ ids: packIds([...pictures.keys()]), album: '', problems: [] }),
    get(id) {
      const picture = pictures.get(id);
      return picture
        ? Promise.resolve(picture)
        : Promise.reject(new StudioError('not-found', 'It is gone.'));
    },
  },
  version: '1.2.3',
  resumes: true,
  reveal: null,
  now: Date.now,
  log: () => {},
});
// A process that is killed writes it down no later.
flushCompileCache();
exports.begin();
let hasStarted = false;
for await (const [job] of exports.handlers['exports.watch']({}, { signal })) {
  if (!job) {
    if (!hasStarted)
      await exports.handlers['exports.start'](
        ExportOptions.parse({
          source: { query: '' },
          target: { kind, path: target },
          settings: { format: 'webp', name: 'same', sidecars: ['txt'] },
        }),
        { signal },
      );
    hasStarted = true;
    continue;
  }
  if (job.state === 'running') process.send?.('running');
  else if (job.state !== 'queued') {
    process.send?.(`${job.state} ${job.error?.message ?? ''}`.trim());
    break;
  }
}
await exports.close();
process.disconnect();
