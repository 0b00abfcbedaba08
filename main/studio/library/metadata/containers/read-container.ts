/** Any picture file, by its first bytes. */
import { readPngText } from '../png-chunks.ts';
import type { TextBudget } from '../text-budget.ts';
import { xmpKeyword } from '../xmp.ts';
import { readAvif } from './avif.ts';
import type { Container } from './container.ts';
import { readGif } from './gif.ts';
import { readJpeg } from './jpeg.ts';
import { readWebp, withoutPrefix } from './webp.ts';

/** @returns null if it is a file of none of the formats */
export function readContainer(bytes: Uint8Array, budget: TextBudget): Container | null {
  return (
    readPng(bytes, budget) ??
    readJpeg(bytes, budget) ??
    readWebp(bytes) ??
    readAvif(bytes) ??
    readGif(bytes, budget) ??
    readTiff(bytes)
  );
}

function readPng(bytes: Uint8Array, budget: TextBudget): Container | null {
  const png = readPngText(bytes, budget);
  if (!png) return null;
  const xmp = png.texts.get(xmpKeyword);
  return {
    format: 'png',
    size: { width: png.width, height: png.height },
    texts: [...png.texts].flatMap(([keyword, text]) =>
      keyword === xmpKeyword ? [] : [{ place: `png:${keyword}`, text }],
    ),
    exif: png.exif && withoutPrefix(png.exif),
    xmp: xmp === undefined ? [] : [packetBytes(xmp)],
    problems: png.problems,
  };
}

const isLatin1 = (text: string) => !/[^\0-\u00ff]/.test(text);

/** The packet is UTF-8 by itself; some write it into a chunk that is for Latin-1. */
function packetBytes(text: string): Uint8Array {
  return Buffer.from(text, isLatin1(text) ? 'latin1' : 'utf8');
}

/** A TIFF file is what EXIF is a part of. */
function readTiff(bytes: Uint8Array): Container | null {
  const order = String.fromCharCode(...bytes.subarray(0, 4));
  if (order !== 'II*\0' && order !== 'MM\0*') return null;
  return { format: 'tiff', size: null, texts: [], exif: bytes, xmp: [], problems: [] };
}
