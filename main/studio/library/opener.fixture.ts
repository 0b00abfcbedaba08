/** A process that opens a library and holds it until it is killed. Arguments: library and cache folder. */
import { StudioError } from '../../../contract/errors.ts';
import { openLibrary } from './library.ts';

const [folder = '', cacheFolder = ''] = process.argv.slice(2);
try {
  await openLibrary({ folder, cacheFolder, log: () => {} });
  process.send?.({ opened: true });
} catch (error) {
  process.send?.({ code: StudioError.from(error).code });
}
