/**
 * Directories of TIFF, in which EXIF and the head of a TIFF file are written.
 *
 * Promises: never throws; looks at two directories and a bounded number of entries, so that none that
 * lead in circles are followed; a text is made once however many entries point to it.
 * Source: TIFF 6.0 §2; CIPA DC-008 (EXIF 2.32), §4.6.2.
 */
import type { RawText } from './containers/container.ts';
import { decodeComment } from './exif-comment.ts';
import type { TextBudget } from './text-budget.ts';
import { decodeText, decodeWide } from './text-encodings.ts';

export interface ExifTags {
  readonly texts: readonly RawText[];
  /** Pixels, where this is a TIFF file. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly xmp: Uint8Array | null;
  readonly problems: readonly string[];
}

const entryBytes = 12;
const maxEntries = 1000;
const exifPointer = 0x8769;
const widthTag = 0x0100;
const heightTag = 0x0101;
const xmpTag = 0x02bc;

type Reading = 'text' | 'comment' | 'wide';

/** Tags in which programs leave text. */
const textTags = new Map<number, readonly [name: string, Reading]>([
  [0x010d, ['DocumentName', 'text']],
  [0x010e, ['ImageDescription', 'text']],
  [0x010f, ['Make', 'text']],
  [0x0110, ['Model', 'text']],
  [0x0131, ['Software', 'text']],
  [0x0132, ['DateTime', 'text']],
  [0x013b, ['Artist', 'text']],
  [0x8298, ['Copyright', 'text']],
  [0x9003, ['DateTimeOriginal', 'text']],
  [0x9010, ['OffsetTime', 'text']],
  [0x9011, ['OffsetTimeOriginal', 'text']],
  [0x927c, ['MakerNote', 'text']],
  [0x9286, ['UserComment', 'comment']],
  [0x9c9b, ['XPTitle', 'wide']],
  [0x9c9c, ['XPComment', 'wide']],
  [0x9c9e, ['XPKeywords', 'wide']],
]);
/** ComfyUI goes on from Make downwards, one tag for each further text. */
const comfyTags = { first: 0x0102, last: 0x010c } as const;

/** Bytes per value of each type of TIFF. */
const typeBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1 };
const asciiType = 2;
const makerNoteText = /^[\w .+-]{1,100}$/;

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Where its values stand. */
  readonly at: number;
}

/** @param tiff starts with its byte order, `II` or `MM` */
export function readExif(tiff: Uint8Array, budget: TextBudget): ExifTags {
  const problems: string[] = [];
  const texts = new Map<string, string>();
  let size: ExifTags['size'] = null;
  let xmp: Uint8Array | null = null;
  const none = { texts: [], size, xmp, problems: ['The EXIF data is damaged; it was not read.'] };
  if (tiff.length < 8) return none;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.getUint16(0);
  const isLittle = order === 0x4949;
  if ((!isLittle && order !== 0x4d4d) || view.getUint16(2, isLittle) !== 42) return none;

  const root = readDirectory(view, view.getUint32(4, isLittle), isLittle, problems);
  const pointer = root.find(({ tag }) => tag === exifPointer);
  const second =
    pointer && pointer.at + 4 <= tiff.length
      ? readDirectory(view, view.getUint32(pointer.at, isLittle), isLittle, problems)
      : [];
  const figure = (tag: number): number => {
    const entry = root.find((each) => each.tag === tag);
    if (!entry || entry.count !== 1) return 0;
    return entry.type === 3
      ? view.getUint16(entry.at, isLittle)
      : view.getUint32(entry.at, isLittle);
  };
  // Some programs put what belongs into the second directory into the first.
  for (const { tag, type, count, at } of [...root, ...second]) {
    const bytes = tiff.subarray(at, at + count);
    if (tag === xmpTag) {
      xmp ??= bytes;
      continue;
    }
    const isComfy = tag >= comfyTags.first && tag <= comfyTags.last && type === asciiType;
    const [name, reading] = isComfy ? ([hex(tag), 'text'] as const) : (textTags.get(tag) ?? []);
    if (name === undefined || texts.has(name) || typeBytes[type] !== 1) continue;
    if (!budget.take(bytes.length)) {
      problems.push(`The EXIF text ${name} is too long; it was not read.`);
      continue;
    }
    const text =
      reading === 'comment'
        ? decodeComment(bytes, isLittle)
        : reading === 'wide'
          ? decodeWide(bytes, true)
          : decodeText(bytes);
    // Cameras keep what is no text in their notes.
    if (text === '' || (name === 'MakerNote' && !makerNoteText.test(text))) continue;
    texts.set(name, text);
  }
  const [width, height] = [figure(widthTag), figure(heightTag)];
  if (width > 0 && height > 0) size = { width, height };
  return {
    texts: [...texts].map(([name, text]) => ({ place: `exif:${name}`, text })),
    size,
    xmp,
    problems,
  };
}

function readDirectory(
  view: DataView,
  start: number,
  isLittle: boolean,
  problems: string[],
): readonly Entry[] {
  const entries: Entry[] = [];
  if (start + 2 > view.byteLength) {
    problems.push('An EXIF directory lies outside of the file; it was not read.');
    return entries;
  }
  const count = Math.min(view.getUint16(start, isLittle), maxEntries);
  for (let index = 0; index < count; index += 1) {
    const entry = start + 2 + index * entryBytes;
    if (entry + entryBytes > view.byteLength) {
      problems.push('An EXIF directory breaks off; what came before was read.');
      break;
    }
    const type = view.getUint16(entry + 2, isLittle);
    const values = view.getUint32(entry + 4, isLittle);
    const sizeBytes = values * (typeBytes[type] ?? 0);
    const at = sizeBytes > 4 ? view.getUint32(entry + 8, isLittle) : entry + 8;
    const tag = view.getUint16(entry, isLittle);
    if (at + sizeBytes > view.byteLength) {
      if (textTags.has(tag) || tag === xmpTag)
        problems.push(`The EXIF value ${hex(tag)} lies outside of the file; it was not read.`);
      continue;
    }
    entries.push({ tag, type, count: values, at });
  }
  return entries;
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(4, '0')}`;
}
