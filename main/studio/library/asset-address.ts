/** Addresses of pictures, the same for the loopback server and the shell's own protocol. */
import { z } from 'zod';
import { ContentHash, ImageId } from '../../../contract/ids.ts';

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

/** @returns null for anything but an address that `assetAddress` could have made */
export function parseAssetAddress(
  pathname: string,
): { readonly kind: AssetKind; readonly id: string } | null {
  const parts = pathname.split('/');
  if (parts.length !== 4 || parts[0] !== '' || parts[1] !== 'asset') return null;
  const kind = assetKinds.find((known) => known === parts[2]);
  if (!kind) return null;
  const id = idSchemas[kind].safeParse(parts[3]);
  return id.success ? { kind, id: id.data } : null;
}
