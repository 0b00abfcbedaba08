/** Addresses of pictures, the same for the loopback server and the shell's own protocol. */
import { ImageId } from '../../../contract/ids.ts';

export const assetKinds = ['image', 'thumbnail'] as const;
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
  const id = ImageId.safeParse(parts[3]);
  return kind && id.success ? { kind, id: id.data } : null;
}
