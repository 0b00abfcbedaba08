/** The formats that pictures are exported in. */
import sharp, { type Sharp } from 'sharp';
import type {
  ExportCapabilities,
  ExportFormat,
  ExportSettings,
} from '../../../../contract/exports.ts';
import type { PictureFormat } from '../../../../contract/picture-facts.ts';

/** What is written here; a GIF becomes a PNG of its first picture. */
export type WrittenFormat = Exclude<PictureFormat, 'gif'>;

const endings = {
  png: '.png',
  jpeg: '.jpg',
  webp: '.webp',
  avif: '.avif',
  tiff: '.tif',
  gif: '.gif',
} as const satisfies Record<PictureFormat, string>;

export function endingOf(format: PictureFormat): string {
  return endings[format];
}

/** What an encoder writes where `format` is asked for; JPEG XL is refused before it comes here. */
export function writtenFormat(format: ExportFormat, source: PictureFormat): WrittenFormat {
  if (format !== 'original') return format === 'jxl' ? 'png' : format;
  return source === 'gif' ? 'png' : source;
}

export function canHoldAlpha(format: WrittenFormat): boolean {
  return format !== 'jpeg';
}

/** Of effort 0 … 100 the encoder's own figure; 50 is the encoder's default. */
export function encodeAs(
  pipeline: Sharp,
  format: WrittenFormat,
  { quality, lossless, effort, chroma }: ExportSettings,
): Sharp {
  switch (format) {
    case 'png':
      return pipeline.png({ compressionLevel: Math.round(3 + effort * 0.06) });
    case 'jpeg':
      return pipeline.jpeg({ quality, chromaSubsampling: chroma, mozjpeg: effort > 75 });
    case 'webp':
      return pipeline.webp({
        quality,
        lossless,
        effort: Math.min(6, Math.round(1 + effort * 0.06)),
      });
    case 'avif':
      return pipeline.avif({
        quality,
        lossless,
        effort: Math.floor(effort * 0.09),
        chromaSubsampling: lossless ? '4:4:4' : chroma,
      });
    case 'tiff':
      return pipeline.tiff({ compression: 'deflate', predictor: 'horizontal' });
    default:
      return format satisfies never;
  }
}

export function exportFormatsHere(): ExportCapabilities['formats'] {
  const jxl = sharp.format.jxl.output.buffer;
  const here = { available: true, reason: '' };
  return [
    { format: 'png', ...here, lossless: true, alpha: true, ending: endings.png },
    { format: 'jpeg', ...here, lossless: false, alpha: false, ending: endings.jpeg },
    { format: 'webp', ...here, lossless: true, alpha: true, ending: endings.webp },
    { format: 'avif', ...here, lossless: true, alpha: true, ending: endings.avif },
    { format: 'tiff', ...here, lossless: true, alpha: true, ending: endings.tiff },
    {
      format: 'jxl',
      available: false,
      reason: jxl
        ? 'JPEG XL is not written yet.'
        : 'The picture library that Atelier comes with cannot write JPEG XL. Choose AVIF or WebP.',
      lossless: true,
      alpha: true,
      ending: '.jxl',
    },
    { format: 'original', ...here, lossless: true, alpha: true, ending: '' },
  ];
}
