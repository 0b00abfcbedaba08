/**
 * A process that runs the exports of a data folder until it is killed or they are done. Arguments: library folder,
 * cache folder, data folder, target, kind.
 */
import { openLibrary } from '../library/library.ts';
import { openExports } from './exports-handlers.ts';
import { optionsOf, portsOf, settled, signal } from './exports.fixture.ts';

const [libraryFolder = '', cacheFolder = '', dataFolder = '', target = '', kind = 'folder'] =
  process.argv.slice(2);
const library = await openLibrary({ folder: libraryFolder, cacheFolder, log: () => {} });
await library.healed;
const exports = await openExports({
  dataFolder,
  libraryFolder,
  pictures: portsOf(library),
  resumes: true,
  reveal: null,
  now: Date.now,
  log: () => {},
});
exports.begin();
let [job] = await firstOf(exports.handlers['exports.watch']({}, { signal }));
job ??= await exports.handlers['exports.start'](
  optionsOf(
    { kind: kind === 'zip' ? 'zip' : 'folder', path: target },
    { format: 'webp', name: 'same', sidecars: ['txt'], whenTaken: 'number' },
  ),
  { signal },
);
process.send?.('started');
const { state, error } = await settled(exports, job.id);
process.send?.(`${state} ${error?.message ?? ''}`.trim());
await exports.close();
await library.close();

async function firstOf<T>(stream: AsyncIterable<T>): Promise<T> {
  for await (const first of stream) return first;
  throw new Error('It ended at once.');
}
