/** The library's part of the contract. */
import { randomUUID } from 'node:crypto';
import type { albumsContract } from '../../../contract/albums.ts';
import { StudioError } from '../../../contract/errors.ts';
import type { imagesContract } from '../../../contract/images.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { tagsContract } from '../../../contract/tags.ts';
import type { HostPorts } from '../host-ports.ts';
import type { Library } from './library.ts';

/** @param reveal see `HostPorts.reveal` */
export function imagesHandlers(
  library: Library,
  reveal: HostPorts['reveal'],
): Handlers<typeof imagesContract & typeof albumsContract & typeof tagsContract> {
  return {
    'images.page': ({ query, cursor, limit }, { signal }) =>
      library.page(query, cursor, limit, signal),
    'images.get': ({ id }) => library.get(id),
    'images.rate': async ({ ids, rating }) => {
      await library.rate(ids, rating);
      return {};
    },
    'images.trash': async ({ ids }) => {
      await library.trash(ids);
      return { changeId: randomUUID() };
    },
    'images.restore': async ({ ids }) => {
      await library.restore(ids);
      return { changeId: randomUUID() };
    },
    'images.index': unanswered,
    'images.summaries': unanswered,
    'images.facets': unanswered,
    'images.duplicates': unanswered,
    'images.lineage': unanswered,
    'images.mark': unanswered,
    'library.revert': unanswered,
    'albums.list': unanswered,
    'albums.create': unanswered,
    'albums.update': unanswered,
    'albums.remove': unanswered,
    'albums.addImages': unanswered,
    'albums.removeImages': unanswered,
    'tags.list': unanswered,
    'tags.rename': unanswered,
    'tags.remove': unanswered,
    'images.emptyTrash': async () => ({ deleted: await library.emptyTrash() }),
    'images.reveal': async ({ id }) => {
      if (!reveal) {
        throw new StudioError(
          'unsupported',
          "Files cannot be shown from here. The path stands in the picture's details.",
        );
      }
      const { path } = await library.resolveAsset('image', id);
      await reveal(path);
      return {};
    },
    'images.watch': (_input, { signal }) => library.subscribe(signal),
    'library.check': (_input, { signal }) => library.check(signal),
    'library.rebuild': (_input, { signal }) => library.rebuild(signal),
  };
}

function unanswered(): Promise<never> {
  return Promise.reject(new StudioError('unsupported', 'This is not there yet.'));
}
