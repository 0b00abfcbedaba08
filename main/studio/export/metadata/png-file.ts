/**
 * PNG files: what they tell is taken out and put in, the picture stays byte for byte.
 * Source: PNG, Third Edition (W3C 2025), §11.
 */
import { insertChunks, textChunk, utf8Chunk } from '../../library/metadata/png-chunks.ts';
import { xmpKeyword } from '../../library/metadata/xmp.ts';
import { concatBytes, latin1Text, viewOf } from '../../library/metadata/bytes.ts';
import type { ToldMetadata } from './told.ts';

const signatureBytes = 8;
/** Chunks without which it would be another picture. */
const pictureChunks = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB cICP sBIT bKGD acTL fcTL fdAT'.split(' '),
);

/** @param keepsProfile whether the colour profile stays @throws {RangeError} if it is no whole PNG */
export function retellPng(
  png: Uint8Array,
  { parameters, recipe, xmp }: ToldMetadata,
  keepsProfile: boolean,
): Uint8Array {
  const kept: Uint8Array[] = [png.subarray(0, signatureBytes)];
  const view = viewOf(png);
  let last = '';
  for (let at = signatureBytes; at + 12 <= png.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > png.length) break;
    last = latin1Text(png.subarray(at + 4, at + 8));
    if (pictureChunks.has(last) || (keepsProfile && last === 'iCCP'))
      kept.push(png.subarray(at, end));
    at = end;
    if (last === 'IEND') break;
  }
  if (last !== 'IEND') throw new RangeError('The PNG file breaks off.');
  return insertChunks(concatBytes(...kept), [
    ...(parameters === null ? [] : [textChunk('parameters', parameters)]),
    ...(recipe === null ? [] : [utf8Chunk('atelier', recipe)]),
    ...(xmp === null ? [] : [utf8Chunk(xmpKeyword, xmp)]),
  ]);
}
