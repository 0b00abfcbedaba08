/** A picture of the library on its way from one place of the window to another. */
import { ImageId } from '../../../contract/ids.ts';

const pictureType = 'application/x-atelier-picture';

export function carryPicture(transfer: DataTransfer, id: ImageId): void {
  transfer.setData(pictureType, id);
  transfer.effectAllowed = 'copyMove';
}

/** What it is can be read only when it is dropped. */
export function carriesPicture(transfer: DataTransfer): boolean {
  return transfer.types.includes(pictureType);
}

export function carriedPicture(transfer: DataTransfer): ImageId | null {
  return ImageId.safeParse(transfer.getData(pictureType)).data ?? null;
}
