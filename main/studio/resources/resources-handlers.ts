/** The adapters' part of the contract. */
import type { resourcesContract } from '../../../contract/resources.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { Resources } from './resources.ts';

export function resourcesHandlers(resources: Resources): Handlers<typeof resourcesContract> {
  return {
    'resources.list': async () => [...resources.list()],
    'resources.refresh': async () => [...(await resources.refresh())],
    async *'resources.watch'(_input, { signal }) {
      for await (const list of resources.watch(signal)) yield [...list];
    },
    'resources.import': ({ path, kind }) => resources.importFrom(path, kind),
    'resources.receive': async (piece) => ({ imported: await resources.receive(piece) }),
  };
}
