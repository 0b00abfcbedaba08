/**
 * One picture of the library as the bytes of an exported file.
 *
 * Promises: the library's very bytes are used where nothing would change; pixels are encoded once at most, and not
 * at all where only what a file tells changes; metadata is put in after the last encoder, so that nothing but what
 * was asked for is in it.
 */
import { readFile } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';
import { StudioError } from '../../../../contract/errors.ts';
import type { ExportSettings } from '../../../../contract/exports.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import { readForeignMetadata } from '../../library/metadata/file-metadata.ts';
import { isRetold, retell } from '../metadata/retell.ts';
import type { ToldMetadata } from '../metadata/told.ts';
import { canHoldAlpha, encodeAs, writtenFormat, type WrittenFormat } from './formats.ts';
import { targetSize, type TargetSize } from './target-size.ts';
import type { Watermarks } from './watermark.ts';

export interface EncodedPicture {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The library's very bytes. */
  readonly copied: boolean;
}

/** Standard deviation of the mask, pixels of the exported picture: screens need less than paper. */
const sharpeningSigmas = {
  screen: { low: 0.4, standard: 0.6, high: 0.9 },
  print: { low: 0.8, standard: 1.1, high: 1.6 },
} as const;

/** `Keep` without a profile in the file means sRGB, as numbers without a profile do. */
const iccNames = { srgb: 'srgb', 'display-p3': 'p3' } as const;

const white = '#ffffff';

/**
 * @param told what the file is to tell, see `tell.ts`
 * @throws {StudioError} `not-found` where the file is gone, `unsupported` where it cannot be decoded
 */
export async function encodePicture(
  picture: ImageDetail,
  settings: ExportSettings,
  told: ToldMetadata,
  watermarks: Watermarks,
): Promise<EncodedPicture> {
  const bytes = await readPicture(picture);
  try {
    return await encodeBytes(bytes, picture, settings, told, watermarks);
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    throw new StudioError(
      'unsupported',
      `"${picture.fileName}" cannot be decoded: its file may be damaged. Check the library.`,
      { path: picture.path },
      { cause },
    );
  }
}

async function readPicture({ path, fileName }: ImageDetail): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new StudioError(
      'not-found',
      `The file of "${fileName}" is gone. Put it back, or let the library be checked.`,
      { path },
      { cause },
    );
  }
}

async function encodeBytes(
  bytes: Uint8Array,
  picture: ImageDetail,
  settings: ExportSettings,
  told: ToldMetadata,
  watermarks: Watermarks,
): Promise<EncodedPicture> {
  const metadata = await sharp(bytes).metadata();
  const source = metadata.autoOrient;
  const size = targetSize(source, settings.size, settings.enlarge);
  const written = writtenFormat(settings.format, picture.format);
  if (keepsPixels(settings, metadata, size, picture, written)) {
    if (keepsTold(picture, settings)) return { bytes, ...source, copied: true };
    const isUpright = (metadata.orientation ?? 1) === 1;
    const isPlain = settings.metadata === 'full' || !(await hidesText(bytes, picture));
    if (isRetold(picture.format) && isUpright && isPlain) {
      const retold = retell(bytes, picture.format, told, settings.embedProfile);
      return { bytes: retold, ...source, copied: false };
    }
  }
  const isScrubbed = settings.metadata !== 'full' && (await hidesText(bytes, picture));
  const pixels = isScrubbed ? await withoutLowestBits(bytes) : sharp(bytes);
  const encoded = await encodeAs(
    await prepared(pixels, metadata, settings, size, written, watermarks),
    written,
    settings,
  ).toBuffer();
  return {
    bytes: retell(encoded, written, told, true),
    width: size.width,
    height: size.height,
    copied: false,
  };
}

/** Whether the pixels are to be the library's, in the library's format. */
function keepsPixels(
  { format, sharpening, watermark, profile, embedProfile, background }: ExportSettings,
  { hasAlpha, hasProfile, autoOrient }: Metadata,
  size: TargetSize,
  picture: ImageDetail,
  written: WrittenFormat,
): boolean {
  const isSameFormat =
    written === picture.format &&
    (format === 'original' || written === 'png' || written === 'tiff');
  return (
    isSameFormat &&
    size.width === autoOrient.width &&
    size.height === autoOrient.height &&
    sharpening === 'off' &&
    watermark.kind === 'none' &&
    (profile === 'keep'
      ? embedProfile || !hasProfile
      : profile === 'srgb' && !hasProfile && !embedProfile) &&
    (background === null || !hasAlpha)
  );
}

/** Whether the library's file tells all that is to be told: its own recipe, and no mark of the library's. */
function keepsTold(picture: ImageDetail, { metadata }: ExportSettings): boolean {
  if (metadata !== 'full') return false;
  const hasMarks =
    picture.rating > 0 || picture.label !== null || picture.tags.length > 0 || picture.note !== '';
  if (picture.recipe) return !hasMarks && picture.parameters !== null;
  // Another program's file tells more than could be told again: workflows, maker's notes.
  return true;
}

/** Some programs hide their text in the lowest bits of pixels; what drawn pictures hide is nothing. */
async function hidesText(bytes: Uint8Array, picture: ImageDetail): Promise<boolean> {
  if (picture.format !== 'png' || picture.recipe) return false;
  const found = await readForeignMetadata(bytes);
  return found?.rawTexts.some(({ place }) => place.startsWith('stealth')) ?? false;
}

async function withoutLowestBits(bytes: Uint8Array) {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  for (let at = 0; at < data.length; at += 1) data[at] = (data[at] ?? 0) | 1;
  const { width, height, channels } = info;
  return sharp(data, { raw: { width, height, channels } });
}

async function prepared(
  pixels: ReturnType<typeof sharp>,
  metadata: Metadata,
  settings: ExportSettings,
  size: TargetSize,
  written: WrittenFormat,
  watermarks: Watermarks,
) {
  let pipeline = pixels.autoOrient();
  const { width, height } = size;
  const isResized = width !== metadata.autoOrient.width || height !== metadata.autoOrient.height;
  if (isResized)
    pipeline = pipeline.resize({
      width,
      height,
      fit: settings.size.mode === 'fill' ? 'cover' : 'fill',
      ...(settings.size.mode === 'fill' ? { position: gravityOf(settings.size.position) } : {}),
    });
  if (settings.sharpening !== 'off')
    pipeline = pipeline.sharpen({
      sigma: sharpeningSigmas[settings.sharpening][settings.sharpeningStrength],
    });
  const overlay = await watermarks.overlay(size);
  if (overlay) pipeline = pipeline.composite([overlay]);
  if (metadata.hasAlpha && (settings.background !== null || !canHoldAlpha(written)))
    pipeline = pipeline.flatten({ background: settings.background ?? white });
  if (settings.profile !== 'keep')
    return pipeline.withIccProfile(iccNames[settings.profile], { attach: settings.embedProfile });
  return settings.embedProfile ? pipeline.keepIccProfile() : pipeline;
}

function gravityOf(position: string): string | number {
  switch (position) {
    case 'entropy':
      return sharp.strategy.entropy;
    case 'attention':
      return sharp.strategy.attention;
    case 'centre':
      return 'centre';
    default:
      // `left` and `top-left` here are `left` and `left top` there.
      return position.split('-').toReversed().join(' ');
  }
}
