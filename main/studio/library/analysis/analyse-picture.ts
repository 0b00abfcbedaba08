/** All that the library knows about a picture's looks, from one small square of its pixels. */
import { oklabPlanesOf } from './analysis-pixels.ts';
import { describe, descriptorLength } from './descriptor.ts';
import { dominantColours, maxColours, type DominantColour } from './dominant-colours.ts';
import { perceptualHash } from './perceptual-hash.ts';

export interface PictureAnalysis {
  /** 64 bits, see perceptual-hash.ts. */
  readonly hash: bigint;
  /** i8 [192], see descriptor.ts. */
  readonly descriptor: Int8Array;
  /** At most 5, the largest first. */
  readonly colours: readonly DominantColour[];
}

/**
 * Rises when the same pixels would be told otherwise; what older versions stored is then computed
 * anew. The first byte of every stored analysis.
 */
export const analysisVersion = 1;

/** Takes about 2 ms. @param rgb u8 [64,64,3], sRGB, transparency laid on white; not modified */
export function analysePicture(rgb: Uint8Array): PictureAnalysis {
  const planes = oklabPlanesOf(rgb);
  return {
    hash: perceptualHash(planes.l),
    descriptor: describe(planes),
    colours: dominantColours(planes),
  };
}

const hashStart = 1;
const descriptorStart = hashStart + 8;
const coloursStart = descriptorStart + descriptorLength;
const colourBytes = 4;
/** a and b of sRGB lie within ±0.4. */
const chromaStep = 0.4 / 127;

/**
 * Version (u8), hash (u64, big-endian), descriptor (i8 [192]), then up to 5 times L (u8), a, b (i8)
 * and share (u8).
 * @returns at most 221 bytes; the caller owns them
 */
export function serialiseAnalysis({
  hash,
  descriptor,
  colours,
}: PictureAnalysis): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(coloursStart + colours.length * colourBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, analysisVersion);
  view.setBigUint64(hashStart, hash);
  bytes.set(
    new Uint8Array(descriptor.buffer, descriptor.byteOffset, descriptorLength),
    descriptorStart,
  );
  for (const [index, { l, a, b, share }] of colours.entries()) {
    const at = coloursStart + index * colourBytes;
    view.setUint8(at, clamped(l * 255, 0, 255));
    view.setInt8(at + 1, clamped(a / chromaStep, -127, 127));
    view.setInt8(at + 2, clamped(b / chromaStep, -127, 127));
    view.setUint8(at + 3, clamped(share * 255, 0, 255));
  }
  return bytes;
}

/** @param bytes not modified @returns null where they are of another version or damaged: analyse anew */
export function parseAnalysis(bytes: Uint8Array): PictureAnalysis | null {
  const colourCount = (bytes.length - coloursStart) / colourBytes;
  if (
    bytes[0] !== analysisVersion ||
    !Number.isInteger(colourCount) ||
    colourCount < 1 ||
    colourCount > maxColours
  )
    return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    hash: view.getBigUint64(hashStart),
    descriptor: Int8Array.from({ length: descriptorLength }, (_, index) =>
      view.getInt8(descriptorStart + index),
    ),
    colours: Array.from({ length: colourCount }, (_, index) => {
      const at = coloursStart + index * colourBytes;
      return {
        l: view.getUint8(at) / 255,
        a: view.getInt8(at + 1) * chromaStep,
        b: view.getInt8(at + 2) * chromaStep,
        share: view.getUint8(at + 3) / 255,
      };
    }),
  };
}

function clamped(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Math.round(value)));
}
