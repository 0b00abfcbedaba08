/**
 * JPEG files: what they tell is taken out and put in, the picture stays byte for byte.
 * Sources: ITU-T T.81, §B.1.1; EXIF 2.32, §4.7; XMP Part 3, §1.1.3 (the packet, and what is too long for it).
 */
import { createHash } from 'node:crypto';
import { StudioError } from '../../../../contract/errors.ts';
import { extendedXmpOf, withExtension } from '../../library/metadata/xmp.ts';
import { concatBytes, latin1Bytes, latin1Text, viewOf } from '../../library/metadata/bytes.ts';
import { exifBytesOf, type ToldMetadata } from './told.ts';

const startOfScan = 0xda;
const comment = 0xfe;
const mostSegmentBytes = 65_533;
const xmpHeader = latin1Bytes('http://ns.adobe.com/xap/1.0/\0');
const extensionHeader = latin1Bytes('http://ns.adobe.com/xmp/extension/\0');
const exifHeader = latin1Bytes('Exif\0\0');
/** Of an extension: GUID, whole length, offset. */
const extensionFields = 32 + 4 + 4;

/**
 * @param keepsProfile whether the colour profile stays
 * @throws {RangeError} if it is no JPEG
 * @throws {StudioError} `too-large` where the text has no room in a segment
 */
export function retellJpeg(
  jpeg: Uint8Array,
  told: ToldMetadata,
  keepsProfile: boolean,
): Uint8Array {
  const view = viewOf(jpeg);
  if (jpeg.length < 4 || view.getUint16(0) !== 0xffd8) throw new RangeError('Not a JPEG file.');
  const before: Uint8Array[] = [];
  const kept: Uint8Array[] = [];
  let at = 2;
  while (at + 4 <= jpeg.length) {
    if (jpeg[at] !== 0xff) throw new RangeError('The JPEG file has no marker where one belongs.');
    const marker = jpeg[at + 1] ?? 0;
    // Fill bytes stand between segments.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === startOfScan) break;
    const end = at + 2 + view.getUint16(at + 2);
    if (end > jpeg.length) throw new RangeError('The JPEG file breaks off.');
    const segment = jpeg.subarray(at, end);
    if (marker === 0xe0) before.push(segment);
    else if (isKept(marker, segment, keepsProfile)) kept.push(segment);
    at = end;
  }
  return concatBytes(
    jpeg.subarray(0, 2),
    ...before,
    ...toldSegments(told),
    ...kept,
    withoutTrailer(jpeg.subarray(at)),
  );
}

/** The profile, and Adobe's word on what the channels are; every other application segment tells something. */
function isKept(marker: number, segment: Uint8Array, keepsProfile: boolean): boolean {
  if (marker === comment) return false;
  if (marker < 0xe0 || marker > 0xef) return true;
  const name = latin1Text(segment.subarray(4, 16));
  if (marker === 0xe2) return keepsProfile && name.startsWith('ICC_PROFILE\0');
  return marker === 0xee && name.startsWith('Adobe');
}

/** Phones put films and depth maps behind the end of the picture. */
function withoutTrailer(scan: Uint8Array): Uint8Array {
  for (let at = 0; at + 1 < scan.length; at += 1) {
    at = scan.indexOf(0xff, at);
    if (at < 0) return scan;
    if (scan[at + 1] === 0xd9) return scan.subarray(0, at + 2);
  }
  return scan;
}

function toldSegments(told: ToldMetadata): readonly Uint8Array[] {
  const { xmp, xmpWithRecipe, recipe } = told;
  const segments: Uint8Array[] = [];
  const exif = exifBytesOf(told);
  if (exif) segments.push(segmentOf(concatBytes(exifHeader, exif)));
  const whole = xmpWithRecipe ?? xmp;
  if (whole === null) return segments;
  const packet = concatBytes(xmpHeader, utf8(whole));
  if (packet.length <= mostSegmentBytes || recipe === null || xmp === null) {
    segments.push(segmentOf(packet));
    return segments;
  }
  const extension = utf8(extendedXmpOf(recipe));
  const guid = createHash('md5').update(extension).digest('hex').toUpperCase();
  segments.push(segmentOf(concatBytes(xmpHeader, utf8(withExtension(xmp, guid)))));
  const step = mostSegmentBytes - extensionHeader.length - extensionFields;
  for (let offset = 0; offset < extension.length; offset += step) {
    const fields = new Uint8Array(extensionFields);
    fields.set(latin1Bytes(guid));
    viewOf(fields).setUint32(32, extension.length);
    viewOf(fields).setUint32(36, offset);
    segments.push(
      segmentOf(concatBytes(extensionHeader, fields, extension.subarray(offset, offset + step))),
    );
  }
  return segments;
}

function segmentOf(content: Uint8Array): Uint8Array {
  if (content.length > mostSegmentBytes)
    throw new StudioError(
      'too-large',
      'What this picture tells is longer than a JPEG file can hold (64 KB). Choose PNG or WebP, or a smaller metadata profile.',
    );
  const head = Uint8Array.of(0xff, 0xe1, 0, 0);
  viewOf(head).setUint16(2, content.length + 2);
  return concatBytes(head, content);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
