/** The library's part of the contract. */
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
  const { ask, change } = library;
  return {
    'images.index': (input, { signal }) => ask.index(input, { signal }),
    'images.summaries': (input, { signal }) => ask.summaries(input, { signal }),
    'images.get': ({ id }) => library.get(id),
    'images.inCommon': (input, { signal }) => ask.inCommon(input, { signal }),
    'images.facets': (input, { signal }) => ask.facets(input, { signal }),
    'images.duplicates': (input, { signal }) => ask.duplicates(input, { signal }),
    'images.lineage': (input, { signal }) => ask.lineage(input, { signal }),
    'images.mark': (input) => change.mark(input),
    'images.trash': (input) => change.trash(input),
    'images.restore': (input) => change.restore(input),
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
    'library.revert': (input) => change.revert(input),
    'library.rebuild': (_input, { signal }) => library.rebuild(signal),
    'albums.list': (input, { signal }) => ask.albums(input, { signal }),
    'albums.create': (input) => change.createAlbum(input),
    'albums.update': (input) => change.updateAlbum(input),
    'albums.remove': (input) => change.removeAlbum(input),
    'albums.move': (input) => change.moveAlbum(input),
    'albums.addImages': (input) => change.addToAlbum(input),
    'albums.moveImages': (input) => change.moveInAlbum(input),
    'albums.removeImages': (input) => change.removeFromAlbum(input),
    'tags.list': (input, { signal }) => ask.tags(input, { signal }),
    'tags.rename': (input) => change.renameTag(input),
    'tags.remove': (input) => change.removeTag(input),
  };
}
