/** Titles of the export's choices, and what a folded section says it is set to. Pure. */
import type {
  ExportFormat,
  ExportKind,
  ExportPosition,
  ExportSettings,
  ExportSize,
} from '../../../contract/exports.ts';

export const kindTitles: Readonly<Record<ExportKind, string>> = {
  folder: 'Folder',
  zip: 'ZIP',
  'contact-sheet': 'Contact sheet',
  'web-gallery': 'Web gallery',
};

export const formatTitles: Readonly<Record<ExportFormat, string>> = {
  original: 'As it is',
  png: 'PNG',
  jpeg: 'JPEG',
  webp: 'WebP',
  avif: 'AVIF',
  tiff: 'TIFF',
  jxl: 'JPEG XL',
};

export const sizeTitles: Readonly<Record<ExportSize['mode'], string>> = {
  none: 'As it is',
  fit: 'Fit within',
  fill: 'Fill exactly',
  'long-edge': 'Long edge',
  'short-edge': 'Short edge',
  scale: 'Scale',
  megapixels: 'Megapixels',
};

export const positionTitles: Readonly<Record<ExportPosition, string>> = {
  'top-left': 'Top left',
  top: 'Top',
  'top-right': 'Top right',
  left: 'Left',
  centre: 'Centre',
  right: 'Right',
  'bottom-left': 'Bottom left',
  bottom: 'Bottom',
  'bottom-right': 'Bottom right',
};

export const metadataTitles: Readonly<Record<ExportSettings['metadata'], string>> = {
  full: 'Everything',
  disclosure: 'Disclosure only',
  clean: 'Nothing',
};

/** What a file then tells, in a sentence. */
export const metadataHints: Readonly<Record<ExportSettings['metadata'], string>> = {
  full: 'Recipe, prompt, stars, tags and note travel with each file, so that it can be drawn again anywhere.',
  disclosure:
    'Each file says that a model made it and with which program. Prompt, seed and model stay here.',
  clean: 'Files say nothing of their making. Some places ask for a disclosure.',
};

/** Formats whose quality can be chosen; the others lose nothing. */
export function hasQuality({ format, lossless }: ExportSettings): boolean {
  return format === 'jpeg' || (!lossless && canBeLossless(format));
}

/** Formats that can be asked to lose nothing. */
export function canBeLossless(format: ExportFormat): boolean {
  return format === 'webp' || format === 'avif' || format === 'jxl';
}

export function formatSummary(settings: ExportSettings): string {
  const title = formatTitles[settings.format];
  if (hasQuality(settings)) return `${title} · ${settings.quality}`;
  return canBeLossless(settings.format) ? `${title} · lossless` : title;
}

export function sizeSummary({ size }: ExportSettings): string | null {
  switch (size.mode) {
    case 'none':
      return null;
    case 'fit':
    case 'fill':
      return `${sizeTitles[size.mode]} ${size.width} × ${size.height}`;
    case 'long-edge':
    case 'short-edge':
      return `${sizeTitles[size.mode]} ${size.pixels} px`;
    case 'scale':
      return `${size.percent} %`;
    case 'megapixels':
      return `${size.megapixels} MP`;
    default:
      return size satisfies never;
  }
}

export function colourSummary(settings: ExportSettings): string | null {
  const parts = [
    ...(settings.sharpening === 'off'
      ? []
      : [settings.sharpening === 'screen' ? 'Sharpened for screens' : 'Sharpened for print']),
    ...(settings.profile === 'keep' ? [] : [settings.profile === 'srgb' ? 'sRGB' : 'Display P3']),
    ...(settings.background === null ? [] : ['Background']),
  ];
  return parts.length === 0 ? null : parts.join(' · ');
}

export function watermarkSummary({ watermark }: ExportSettings): string | null {
  switch (watermark.kind) {
    case 'none':
      return null;
    case 'text':
      return `“${watermark.text}”`;
    case 'picture':
      return 'Picture';
    default:
      return watermark satisfies never;
  }
}

export function toldSummary({ metadata, sidecars, contentCredentials }: ExportSettings): string {
  return [
    metadataTitles[metadata],
    ...(contentCredentials && metadata !== 'clean' ? ['signed'] : []),
    ...sidecars.map((ending) => `.${ending}`),
  ].join(' · ');
}

/** A size of another kind, with the figures of the one before as far as they mean the same. */
export function sizeOfMode(before: ExportSize, mode: ExportSize['mode']): ExportSize {
  const edge =
    'pixels' in before
      ? before.pixels
      : 'width' in before
        ? Math.max(before.width, before.height)
        : 2048;
  const width = 'width' in before ? before.width : edge;
  const height = 'height' in before ? before.height : edge;
  switch (mode) {
    case 'none':
      return { mode };
    case 'fit':
      return { mode, width, height };
    case 'fill':
      return { mode, width, height, position: 'centre' };
    case 'long-edge':
    case 'short-edge':
      return { mode, pixels: edge };
    case 'scale':
      return { mode, percent: 50 };
    case 'megapixels':
      return { mode, megapixels: 2 };
    default:
      return mode satisfies never;
  }
}
