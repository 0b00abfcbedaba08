/** Reads pictures and masks from files; they come from anywhere. */
import sharp, { type Sharp } from 'sharp';
import { StudioError } from '../../../../contract/errors.ts';
import type { MaskPicture, Picture } from './picture.ts';

const maxSide = 8192;
const white = { r: 255, g: 255, b: 255 };
const black = { r: 0, g: 0, b: 0 };

/**
 * @param what how messages call it, such as "source picture"
 * @returns what is transparent is white
 * @throws {StudioError} `not-found`, `bad-request` if it is no picture, `too-large`; each names the file
 */
export async function readPicture(file: string, what: string): Promise<Picture> {
  const { data, info } = await decode(file, what, (image) =>
    image.flatten({ background: white }).toColourspace('srgb'),
  );
  return { width: info.width, height: info.height, rgb: bytesOf(data, info.channels, 3) };
}

/** @returns what is transparent is kept @throws {StudioError} as `readPicture` */
export async function readMask(file: string, what: string): Promise<MaskPicture> {
  const { data, info } = await decode(file, what, (image) =>
    image.flatten({ background: black }).toColourspace('b-w'),
  );
  return { width: info.width, height: info.height, levels: bytesOf(data, info.channels, 1) };
}

async function decode(file: string, what: string, prepare: (image: Sharp) => Sharp) {
  const options = { limitInputPixels: maxSide ** 2, failOn: 'error' } as const;
  try {
    const { width, height } = await sharp(file, { limitInputPixels: false }).metadata();
    if (width > maxSide || height > maxSide) {
      throw new StudioError(
        'too-large',
        `The ${what} "${file}" is ${width} × ${height} pixels; at most ${maxSide} × ${maxSide} can be read. Make it smaller.`,
        { file, width, height },
      );
    }
    return await prepare(sharp(file, options).autoOrient())
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    const isMissing = cause instanceof Error && cause.message.includes('missing');
    throw isMissing
      ? new StudioError(
          'not-found',
          `The ${what} "${file}" is not there any more. Add it again.`,
          { file },
          { cause },
        )
      : new StudioError(
          'bad-request',
          `The ${what} "${file}" cannot be read as a picture. Choose a PNG, JPEG or WebP that opens elsewhere.`,
          { file },
          { cause },
        );
  }
}

/** The first `wanted` of each pixel's channels; a grey picture has one for all three. */
function bytesOf(data: Buffer, channels: number, wanted: number): Uint8Array<ArrayBuffer> {
  const area = data.length / channels;
  const bytes = new Uint8Array(area * wanted);
  for (let pixel = 0; pixel < area; pixel += 1)
    for (let channel = 0; channel < wanted; channel += 1)
      bytes[pixel * wanted + channel] =
        data[pixel * channels + Math.min(channel, channels - 1)] ?? 0;
  return bytes;
}
