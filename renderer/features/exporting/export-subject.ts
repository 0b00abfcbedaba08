/** Which pictures of the gallery an export is of. */
import { imageIdAt, type ImageId } from '../../../contract/ids.ts';
import type { ImageQuery } from '../../../contract/images.ts';
import type { StudioClient } from '../../../contract/studio.ts';
import { formatCount } from '../../ui/format.ts';
import type { PictureChoice } from '../gallery/gallery-extensions.ts';
import type { ExportSubject } from './export-draft.ts';

/**
 * A search stays a search, so that the export finds what matches when it starts; what an export cannot
 * ask for by itself, such as likeness, becomes the list of pictures that are shown.
 */
export async function subjectOf(
  client: StudioClient,
  choice: PictureChoice,
): Promise<ExportSubject> {
  if (choice.kind === 'chosen') return ofIds(choice.ids);
  const { query } = choice;
  const { text, album, like, order } = query;
  if (album !== null && text.trim() === '' && like === null) {
    const { albums } = await client['albums.list']({});
    const name = albums.find(({ id }) => id === album)?.name;
    return { source: { album }, title: name === undefined ? 'the album' : `album “${name}”` };
  }
  if (album === null && like === null && order !== 'similar' && order !== 'album') {
    return {
      source: { query: text, order },
      title: text.trim() === '' ? 'all pictures' : `all that match “${text.trim()}”`,
    };
  }
  return ofIds(await shown(client, query));
}

function ofIds(ids: readonly ImageId[]): ExportSubject {
  return { source: { ids: [...ids] }, title: formatCount(ids.length, 'picture', 'pictures') };
}

async function shown(client: StudioClient, query: ImageQuery): Promise<ImageId[]> {
  const { ids } = await client['images.index']({ query });
  return Array.from({ length: ids.length / 16 }, (_, index) => imageIdAt(ids, index));
}
