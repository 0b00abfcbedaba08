/** Names of imported files: their own, as far as every system takes them. */
import path from 'node:path';
import type { PictureFormat } from '../../../../contract/picture-facts.ts';

/** The first is given to files whose ending does not fit. */
const endings: Readonly<Record<PictureFormat, readonly [string, ...string[]]>> = {
  png: ['.png'],
  jpeg: ['.jpg', '.jpeg'],
  webp: ['.webp'],
  avif: ['.avif'],
  gif: ['.gif'],
  tiff: ['.tif', '.tiff'],
};

/** Of UTF-8: file systems take 255, and a number may come behind. */
const mostBytes = 180;
const reservedOnWindows = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/** @param name of any characters, with or without folders; @returns a name that is not hidden and has the format's ending */
export function safeFileName(name: string, format: PictureFormat): string {
  const own = path.win32.basename(name);
  const { name: stem, ext } = path.parse(own);
  const fits = endings[format].includes(ext.toLowerCase());
  const plain = shortened(
    (fits || isPictureEnding(ext) ? stem : own)
      .toWellFormed()
      .normalize('NFC')
      .replaceAll(/[<>:"/\\|?*\p{Cc}\p{Cf}\uFFFD]+/gu, '_'),
  ).replaceAll(/^[. ]+|[. ]+$/g, '');
  const safe = reservedOnWindows.test(plain.split('.')[0] ?? '') ? `_${plain}` : plain;
  return `${safe === '' ? 'picture' : safe}${fits ? ext : endings[format][0]}`;
}

function isPictureEnding(ext: string): boolean {
  return Object.values(endings).some((known) => known.includes(ext.toLowerCase()));
}

/** Between characters. */
function shortened(text: string): string {
  let bytes = 0;
  let short = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > mostBytes) break;
    short += character;
  }
  return short;
}
