import { expect, it } from 'vitest';
import {
  thumbnailSizeFor,
  thumbnailSizes,
  thumbnailUrlOf,
} from '../../../contract/thumbnail-sizes.ts';
import { assetAddress, parseAssetAddress } from './asset-address.ts';

const id = '0b9f7c1e-3a52-8d4e-9f10-6a7b8c9d0e1f';

it('leads to a thumbnail in the size asked for, or in the usual one', () => {
  const address = assetAddress('thumbnail', id);
  expect(parseAssetAddress(address)).toEqual({ kind: 'thumbnail', id, thumbnailSize: 384 });
  for (const thumbnailSize of thumbnailSizes) {
    expect(parseAssetAddress(thumbnailUrlOf(address, thumbnailSize))).toEqual({
      kind: 'thumbnail',
      id,
      thumbnailSize,
    });
  }
});

it('leads nowhere for other sizes, and for sizes of anything but a thumbnail', () => {
  const address = assetAddress('thumbnail', id);
  for (const rest of ['', '0', '500', '768.0', '0768', 'NaN', '384/', '384/384', '../384'])
    expect(parseAssetAddress(`${address}/${rest}`)).toBeNull();
  expect(parseAssetAddress(`${assetAddress('image', id)}/384`)).toBeNull();
});

it('asks for the smallest size that is sharp on the screen', () => {
  expect([1, 192, 193, 384, 500, 768, 4000].map(thumbnailSizeFor)).toEqual([
    192, 192, 384, 384, 768, 768, 768,
  ]);
});
