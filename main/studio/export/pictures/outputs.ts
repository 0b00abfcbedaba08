/** The files that one picture becomes, by the kind of the export. */
import path from 'node:path';
import type { ExportKind, ExportSettings } from '../../../../contract/exports.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import { tellsNothing } from '../metadata/told.ts';
import type { OutputFile } from '../targets/target.ts';
import { encodePicture } from './encode.ts';
import type { PictureSigner } from '../credentials/credentials.ts';
import { writtenFormat } from './formats.ts';
import { exportedEnding } from './name-facts.ts';
import { findPicture, type PicturePorts } from './picture-ports.ts';
import { digitalSourceTypeOf } from './provenance.ts';
import { sidecarsOf } from './sidecars.ts';
import { tell } from './tell.ts';
import type { Watermarks } from './watermark.ts';

export interface PictureOutputs {
  /** The picture first. */
  readonly files: readonly OutputFile[];
  readonly width: number;
  readonly height: number;
  readonly copied: boolean;
}

export interface OutputOptions {
  readonly kind: ExportKind;
  readonly settings: ExportSettings;
  readonly watermarks: Watermarks;
  readonly ports: Pick<PicturePorts, 'get'>;
  /** Null where nothing is signed. */
  readonly signer: PictureSigner | null;
}

/** Folders of a web gallery. */
export const galleryFolders = { pictures: 'pictures', thumbnails: 'thumbnails' } as const;

/** Long edge of a picture on a contact sheet at most, pixels: 300 dpi for a quarter of A4. */
const cellPixels = 1200;

/** Names of the files that a picture may become, for asking whether they are taken. */
export function possibleNames(
  picture: Pick<ImageDetail, 'format'>,
  name: string,
  { kind, settings }: Pick<OutputOptions, 'kind' | 'settings'>,
): readonly string[] {
  switch (kind) {
    case 'contact-sheet':
      return [`${name}.jpg`];
    case 'web-gallery':
      return [
        ...besideEachOther(`${galleryFolders.pictures}/${name}`, picture, settings),
        `${galleryFolders.thumbnails}/${name}.webp`,
      ];
    case 'folder':
    case 'zip':
      return besideEachOther(name, picture, settings);
    default:
      return kind satisfies never;
  }
}

function besideEachOther(
  name: string,
  picture: Pick<ImageDetail, 'format'>,
  settings: ExportSettings,
): readonly string[] {
  return [exportedEnding(picture, settings), ...settings.sidecars.map((one) => `.${one}`)].map(
    (ending) => `${name}${ending}`,
  );
}

/** @param name without an ending @throws {StudioError} what `encodePicture` throws */
export async function outputsOf(
  picture: ImageDetail,
  name: string,
  options: OutputOptions,
): Promise<PictureOutputs> {
  switch (options.kind) {
    case 'contact-sheet':
      return cellOf(picture, name, options);
    case 'web-gallery': {
      const own = await pictureAndSidecars(picture, `${galleryFolders.pictures}/${name}`, options);
      const thumbnail = await thumbnailOf(picture, options);
      return {
        ...own,
        files: [
          ...own.files,
          { name: `${galleryFolders.thumbnails}/${name}.webp`, bytes: thumbnail },
        ],
      };
    }
    case 'folder':
    case 'zip':
      return pictureAndSidecars(picture, name, options);
    default:
      return options.kind satisfies never;
  }
}

async function pictureAndSidecars(
  picture: ImageDetail,
  name: string,
  { settings, watermarks, ports, signer }: OutputOptions,
): Promise<PictureOutputs> {
  const sourceType =
    settings.metadata === 'clean'
      ? null
      : await digitalSourceTypeOf(picture, (id) => findPicture(ports, id));
  const told = tell(picture, settings.metadata, sourceType);
  const { bytes, ...made } = await encodePicture(picture, settings, told, watermarks);
  const format = made.copied ? picture.format : writtenFormat(settings.format, picture.format);
  // Last: a signature holds for every byte before it.
  const signed = signer ? await signer.sign(bytes, format, sourceType) : bytes;
  const encoded = { ...made, copied: made.copied && signed === bytes };
  const file = { name: `${name}${exportedEnding(picture, settings)}`, bytes: signed };
  const sidecars = sidecarsOf(picture, settings, told, {
    fileName: path.posix.basename(file.name),
    width: encoded.width,
    height: encoded.height,
  });
  return {
    ...encoded,
    files: [
      file,
      ...sidecars.map((sidecar) => ({ name: `${name}${sidecar.ending}`, bytes: sidecar.bytes })),
    ],
  };
}

async function thumbnailOf(
  picture: ImageDetail,
  { settings, watermarks }: OutputOptions,
): Promise<Uint8Array> {
  const { bytes } = await encodePicture(
    picture,
    {
      ...settings,
      format: 'webp',
      quality: 80,
      lossless: false,
      effort: 50,
      size: { mode: 'long-edge', pixels: settings.gallery.thumbnailPixels },
      enlarge: false,
      sharpening: 'screen',
      profile: 'srgb',
      embedProfile: false,
      metadata: 'clean',
    },
    tellsNothing,
    watermarks,
  );
  return bytes;
}

async function cellOf(
  picture: ImageDetail,
  name: string,
  { settings, watermarks }: OutputOptions,
): Promise<PictureOutputs> {
  const pixels = Math.ceil(cellPixels / Math.max(1, settings.sheet.columns / 2));
  const { bytes, ...encoded } = await encodePicture(
    picture,
    {
      ...settings,
      format: 'jpeg',
      size: { mode: 'long-edge', pixels },
      enlarge: false,
      profile: 'srgb',
      embedProfile: false,
      background: settings.background ?? settings.sheet.background,
      metadata: 'clean',
    },
    tellsNothing,
    watermarks,
  );
  return { ...encoded, files: [{ name: `${name}.jpg`, bytes }] };
}
