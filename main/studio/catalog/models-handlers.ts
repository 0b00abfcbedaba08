/** The catalog's part of the contract. */
import type { modelsContract } from '../../../contract/models.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { Catalog } from './catalog.ts';

export function modelsHandlers(catalog: Catalog): Handlers<typeof modelsContract> {
  return {
    'models.list': async () => [...catalog.list()],
    'models.refresh': async () => [...(await catalog.refresh())],
    async *'models.watch'(_input, { signal }) {
      for await (const models of catalog.watch(signal)) yield [...models];
    },
    'models.import': ({ folder }, { signal }) => catalog.importFolder(folder, signal),
    'models.card': async ({ id }) => ({ markdown: await catalog.card(id) }),
  };
}
