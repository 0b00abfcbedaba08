/** An album on its way to another place of the list. */
import { AlbumId } from '../../../contract/ids.ts';
import { createCarrier } from '../../ui/carrier.ts';

export const {
  carry: carryAlbum,
  carries: carriesAlbum,
  carried: carriedAlbum,
} = createCarrier('album', AlbumId, 'move');
