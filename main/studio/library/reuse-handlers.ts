/** What can be taken back from pictures: the part of the contract that needs to know what is installed. */
import { readFile, stat } from 'node:fs/promises';
import { StudioError } from '../../../contract/errors.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { inputLimits } from '../../../contract/inputs.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { reuseContract } from '../../../contract/reuse.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Resources } from '../resources/resources.ts';
import type { Library } from './library.ts';
import { readForeignMetadata, type FileMetadata } from './metadata/file-metadata.ts';
import type { Installed, InstalledAdapter } from './metadata/installed.ts';
import { toldByWebUi } from './metadata/programs/read-programs.ts';
import { reusableSettings } from './metadata/reusable-settings.ts';

export interface ReuseHandlerPorts {
  readonly library: Pick<Library, 'get'>;
  readonly catalog: Pick<Catalog, 'list'>;
  readonly resources: Pick<Resources, 'list' | 'hashes'>;
}

export function reuseHandlers({
  library,
  catalog,
  resources,
}: ReuseHandlerPorts): Handlers<typeof reuseContract> {
  async function installed(): Promise<Installed> {
    const models = catalog
      .list()
      .filter((model): model is ImageModel => model.kind === 'image' && model.problem === null);
    const usable = resources.list().filter(({ problem }) => problem === null);
    const adapters = usable.map(async ({ kind, id, name, aliases, hash }) => {
      // A hash that is not known yet would take as long as reading the file.
      const known = hash === null ? null : await resources.hashes(kind, id);
      const hashes = known ? [known.hash, known.tensorsHash].filter((each) => each !== null) : [];
      return { kind, id, name, aliases, hashes } satisfies InstalledAdapter;
    });
    return { models, adapters: await Promise.all(adapters) };
  }

  return {
    'images.reusable': async ({ id }) => {
      const found = reusableSettings(await toldBy(await library.get(id)), await installed());
      if (found) return found;
      throw new StudioError(
        'not-found',
        'This picture carries no recipe, so there is nothing to take over from it.',
        { id },
      );
    },
    'inputs.reusable': async ({ bytes }) => {
      const told = await readForeignMetadata(bytes);
      return { reusable: told && reusableSettings(told, await installed()) };
    },
  };
}

/** What the library keeps of a picture; for one that it keeps nothing of, what its file tells. */
async function toldBy({
  recipe,
  parameters,
  path,
  missing,
}: ImageDetail): Promise<Pick<FileMetadata, 'recipe' | 'told'>> {
  const told = parameters === null ? null : toldByWebUi(parameters);
  if (recipe || told || missing) return { recipe, told };
  const { size } = await stat(path);
  const read = size <= inputLimits.bytes ? await readForeignMetadata(await readFile(path)) : null;
  return read ?? { recipe, told };
}
