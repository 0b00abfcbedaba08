/** What other features hang into the gallery: it knows that pictures can be exported, not how. */
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageQuery } from '../../../contract/images.ts';

/** Which pictures: those chosen, or all that a query finds. */
export type PictureChoice =
  | { readonly kind: 'chosen'; readonly ids: readonly ImageId[] }
  | { readonly kind: 'query'; readonly query: ImageQuery };

export interface GalleryExtensions {
  /** Null while nothing can export: the command is not offered then. */
  readonly exportPictures: ((choice: PictureChoice) => void) | null;
  /** What was dropped on the grid; null asks for files. Null itself while nothing can import. */
  readonly importFiles: ((dropped: DataTransfer | null) => void) | null;
}
