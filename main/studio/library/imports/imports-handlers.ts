/** The imports' part of the contract. */
import type { importsContract } from '../../../../contract/imports.ts';
import type { Handlers } from '../../../../contract/rpc.ts';
import type { Imports } from './imports.ts';

export function importsHandlers(imports: Imports): Handlers<typeof importsContract> {
  const { folders } = imports;
  return {
    'imports.start': ({ paths, into }) => imports.start(paths, into),
    'imports.addFile': ({ into, ...file }) => imports.addFile(file, into),
    'imports.watch': (_input, { signal }) => imports.watch(signal),
    'imports.cancel': ({ id }) => imports.cancel(id),
    'imports.remove': async ({ id }) => {
      await imports.remove(id);
      return {};
    },
    'imports.report': ({ id, ...wanted }) => imports.report(id, wanted),
    'imports.folders.watch': (_input, { signal }) => folders.watch(signal),
    'imports.folders.add': (wish) => folders.add(wish),
    'imports.folders.update': ({ id, ...change }) => folders.update(id, change),
    'imports.folders.remove': async ({ id }) => {
      await folders.remove(id);
      return {};
    },
    'imports.folders.scan': async ({ id }) => {
      folders.scan(id);
      return {};
    },
  };
}
