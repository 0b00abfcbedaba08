/**
 * One decode of a picture, and everything small that is made of it.
 *
 * Promises: PNG, JPEG, WebP, AVIF, GIF (its first frame) and TIFF; turned as its EXIF orientation
 * says; in sRGB; never enlarged. A picture that claims more than `mostPixels` is refused by its
 * header. JPEG and WebP are decoded at about the size that is needed.
 */
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { StudioError } from '../../../../contract/errors.ts';
import { thumbnailSizes, type ThumbnailSize } from '../../../../contract/thumbnail-sizes.ts';
import { analysisSide } from '../analysis/analysis-pixels.ts';

/** 16,384 × 16,384; what is larger would take over 1 GB to decode. */
const mostPixels = 2 ** 28;
/** A file made to take forever ends here. */
const longestSeconds = 60;

/** Half the time of sharp's usual effort for files about 5 % larger. */
export const thumbnailEncoding = { quality: 82, effort: 2 } as const;

export interface SmallPicture {
  /** WebP files. Where the picture itself is smaller, several sizes are the same bytes. */
  readonly thumbnails: readonly { readonly size: ThumbnailSize; readonly bytes: Uint8Array }[];
  /** u8 [64,64,3], sRGB, squeezed to a square, transparency laid on white. */
  readonly analysisRgb: Uint8Array<ArrayBuffer>;
}

interface Raster {
  readonly data: Buffer;
  readonly info: OutputInfo;
}

function sharpOf({ data, info: { width, height, channels } }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

function fitInto(picture: Sharp, size: ThumbnailSize): Promise<Raster> {
  return picture
    .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

/**
 * @throws {StudioError} `unsupported` for what cannot be decoded, `too-large` by its header,
 *   `not-found` where the file cannot be read
 */
export async function shrinkPicture(picturePath: string): Promise<SmallPicture> {
  try {
    const decoded = sharp(picturePath, { limitInputPixels: mostPixels, failOn: 'error' })
      .autoOrient()
      .toColourspace('srgb')
      .timeout({ seconds: longestSeconds });
    // Each size is made from the next larger one: the picture itself is read only once.
    const thumbnails: { size: ThumbnailSize; bytes: Uint8Array }[] = [];
    let source = decoded;
    let raster: Raster | null = null;
    for (const size of thumbnailSizes.toReversed()) {
      const { width = 0, height = 0 } = raster?.info ?? {};
      const smaller = thumbnails[0];
      if (smaller && Math.max(width, height) <= size) {
        thumbnails.unshift({ size, bytes: smaller.bytes });
        continue;
      }
      raster = await fitInto(source, size);
      source = sharpOf(raster);
      // Not a clone of `source`, which would copy the pixels.
      const bytes = await sharpOf(raster).webp(thumbnailEncoding).toBuffer();
      thumbnails.unshift({ size, bytes });
    }
    const analysisRgb = await source
      .flatten({ background: '#ffffff' })
      .resize(analysisSide, analysisSide, { fit: 'fill' })
      .raw()
      .toBuffer();
    return { thumbnails, analysisRgb };
  } catch (error) {
    throw await undecodable(error, picturePath);
  }
}

async function undecodable(cause: unknown, picturePath: string): Promise<StudioError> {
  const fileName = path.basename(picturePath);
  const details = { path: picturePath };
  const isReadable = await access(picturePath, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!isReadable) {
    return new StudioError(
      'not-found',
      `The picture "${fileName}" cannot be read: its file is gone or closed to this program. Check the library.`,
      details,
      { cause },
    );
  }
  if (cause instanceof Error && cause.message.includes('pixel limit')) {
    return new StudioError(
      'too-large',
      `The picture "${fileName}" claims more than ${mostPixels.toLocaleString('en')} pixels and was not opened. Make it smaller with another program.`,
      details,
      { cause },
    );
  }
  return new StudioError(
    'unsupported',
    `The picture "${fileName}" cannot be decoded. Its file may be damaged; check the library.`,
    details,
    { cause },
  );
}
