/** What can be taken back from pictures: the part of the contract that needs to know what is installed. */
import sharp from 'sharp';
import { StudioError } from '../../../contract/errors.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { reuseContract } from '../../../contract/reuse.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Resources } from '../resources/resources.ts';
import type { Library } from './library.ts';
import { readUserComment } from './metadata/exif-comment.ts';
import type { Installed, InstalledAdapter } from './metadata/installed.ts';
import { readPictureMetadata } from './metadata/picture-metadata.ts';
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
      const { recipe, parameters } = await library.get(id);
      const found = reusableSettings({ recipe, parameters }, await installed());
      if (found) return found;
      throw new StudioError(
        'not-found',
        'This picture carries no recipe, so there is nothing to take over from it.',
        { id },
      );
    },
    'inputs.reusable': async ({ bytes }) => {
      const known = readPictureMetadata(bytes);
      const parameters = known ? known.parameters : await commentOf(bytes);
      const recipe = known?.recipe ?? null;
      return { reusable: reusableSettings({ recipe, parameters }, await installed()) };
    },
  };
}

/** Null also where the bytes are no picture. */
async function commentOf(bytes: Uint8Array): Promise<string | null> {
  const metadata = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => null);
  return metadata?.exif ? readUserComment(metadata.exif) : null;
}
