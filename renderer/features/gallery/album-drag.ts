/** An album on its way to another place of the list. */
import { AlbumId } from '../../../contract/ids.ts';

const albumType = 'application/x-atelier-album';

export function carryAlbum(transfer: DataTransfer, id: AlbumId): void {
  transfer.setData(albumType, id);
  transfer.effectAllowed = 'move';
}

/** Which one it is can be read only when it is dropped. */
export function carriesAlbum(transfer: DataTransfer): boolean {
  return transfer.types.includes(albumType);
}

export function carriedAlbum(transfer: DataTransfer): AlbumId | null {
  return AlbumId.safeParse(transfer.getData(albumType)).data ?? null;
}
