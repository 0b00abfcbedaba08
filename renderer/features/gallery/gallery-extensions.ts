/** What other features hang into the gallery: it knows that pictures can be exported, not how. */
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageQuery } from '../../../contract/images.ts';

/** Which pictures: those chosen, or all that a query finds. */
export type PictureChoice =
  | { readonly kind: 'chosen'; readonly ids: readonly ImageId[] }
  | { readonly kind: 'query'; readonly query: ImageQuery };

export interface GalleryExtensions {
  readonly exportPictures: (choice: PictureChoice) => void;
  /** What was dropped on the grid; null asks for files. */
  readonly importFiles: (dropped: DataTransfer | null) => void;
}
