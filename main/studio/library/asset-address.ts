/** Addresses of pictures, the same for the loopback server and the shell's own protocol. */
import { z } from 'zod';
import { ContentHash, ImageId } from '../../../contract/ids.ts';
import {
  defaultThumbnailSize,
  thumbnailSizes,
  type ThumbnailSize,
} from '../../../contract/thumbnail-sizes.ts';

/** Files of an export, for as long as the studio runs. */
const ExportId = z.uuid();

/** Inputs are named by the hash of their content, pictures of the library by their id. */
const idSchemas = {
  image: ImageId,
  thumbnail: ImageId,
  input: ContentHash,
  export: ExportId,
} as const;
const assetKinds = ['image', 'thumbnail', 'input', 'export'] as const;
export type AssetKind = (typeof assetKinds)[number];

/** @returns a path on the page's own origin, such as `/asset/thumbnail/<id>` */
export function assetAddress(kind: AssetKind, id: string): string {
  return `/asset/${kind}/${id}`;
}

export interface AssetAddress {
  readonly kind: AssetKind;
  readonly id: string;
  /** Of a thumbnail; the default elsewhere. */
  readonly thumbnailSize: ThumbnailSize;
}

/** @returns null for anything but an address that `assetAddress` or `thumbnailUrlOf` could have made */
export function parseAssetAddress(pathname: string): AssetAddress | null {
  const [before, root, kindText, idText, sizeText, ...rest] = pathname.split('/');
  if (before !== '' || root !== 'asset' || rest.length > 0) return null;
  const kind = assetKinds.find((known) => known === kindText);
  if (!kind) return null;
  const thumbnailSize =
    sizeText === undefined
      ? defaultThumbnailSize
      : thumbnailSizes.find((size) => kind === 'thumbnail' && String(size) === sizeText);
  const id = idSchemas[kind].safeParse(idText);
  return id.success && thumbnailSize ? { kind, id: id.data, thumbnailSize } : null;
}
