/**
 * TIFF files as sharp writes them: what they tell is put into a directory behind the picture.
 * Sources: TIFF 6.0, §2; XMP Part 3, §3.2.1 (tag 700); EXIF 2.32, §4.6.3 (pointer).
 */
import { concatBytes, viewOf } from '../../library/metadata/bytes.ts';
import {
  commentValues,
  directory,
  longBytes,
  softwareValue,
  type TagValue,
} from './tiff-directory.ts';
import type { ToldMetadata } from './told.ts';

const xmpTag = 700;
const exifPointerTag = 0x8769;
const entryBytes = 12;

/**
 * @param tiff without any metadata of its own, one picture
 * @throws {RangeError} if it is no TIFF of that kind
 */
export function tellInTiff(tiff: Uint8Array, told: ToldMetadata): Uint8Array {
  const { parameters, software, xmp, xmpWithRecipe } = told;
  const packet = xmpWithRecipe ?? xmp;
  if (parameters === null && software === null && packet === null) return tiff;
  const view = viewOf(tiff);
  const isLittle = view.getUint16(0) === 0x4949;
  if (view.getUint16(2, isLittle) !== 42) throw new RangeError('Not a TIFF file.');
  const first = view.getUint32(4, isLittle);
  const count = view.getUint16(first, isLittle);
  const own = Array.from({ length: count }, (_, index) => {
    const at = first + 2 + index * entryBytes;
    return { tag: view.getUint16(at, isLittle), entry: tiff.subarray(at, at + entryBytes) };
  });

  const padding = new Uint8Array(tiff.length % 2);
  const start = tiff.length + padding.length;
  const exifDirectory = (at: number) =>
    parameters === null ? null : directory(commentValues(parameters, isLittle), at, isLittle);
  const exifBytes = exifDirectory(start)?.length ?? 0;
  const added: TagValue[] = [
    ...(software === null ? [] : [softwareValue(software)]),
    ...(packet === null
      ? []
      : [{ tag: xmpTag, type: 'byte' as const, bytes: new TextEncoder().encode(packet) }]),
    ...(parameters === null
      ? []
      : [{ tag: exifPointerTag, type: 'long' as const, bytes: longBytes(start, isLittle) }]),
  ];
  const tags = new Set(added.map(({ tag }) => tag));
  const whole = own.filter(({ tag }) => !tags.has(tag));

  // The new entries are laid out by themselves, then sorted in among the picture's own.
  const at = start + exifBytes;
  const headBytes = 2 + (whole.length + added.length) * entryBytes + 4;
  const shift = headBytes - (2 + added.length * entryBytes + 4);
  const laidOut = directory(added, at + shift, isLittle);
  const entries = [
    ...whole,
    ...added.map(({ tag }, index) => ({
      tag,
      entry: laidOut.subarray(2 + index * entryBytes, 2 + (index + 1) * entryBytes),
    })),
  ].toSorted((a, b) => a.tag - b.tag);
  const head = new Uint8Array(headBytes);
  viewOf(head).setUint16(0, entries.length, isLittle);
  for (const [index, { entry }] of entries.entries()) head.set(entry, 2 + index * entryBytes);

  const file = concatBytes(
    tiff,
    padding,
    exifDirectory(start) ?? new Uint8Array(),
    head,
    laidOut.subarray(2 + added.length * entryBytes + 4),
  );
  viewOf(file).setUint32(4, at, isLittle);
  return file;
}
