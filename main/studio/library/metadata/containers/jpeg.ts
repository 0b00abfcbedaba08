/**
 * Segments of a JPEG file before its pixels.
 * Source: ITU-T T.81, annex B; CIPA DC-008 §4.7.2 (EXIF); XMP Part 3, §1.1.3 (also in several segments).
 */
import { decodeText } from '../text-encodings.ts';
import type { TextBudget } from '../text-budget.ts';
import type { Container, RawText } from './container.ts';

const exifStart = Buffer.from('Exif\0\0', 'latin1');
const xmpStart = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
const furtherXmpStart = Buffer.from('http://ns.adobe.com/xmp/extension/\0', 'latin1');
/** A hash of 32 letters, the length of all and the offset of this part. */
const furtherXmpHead = 32 + 4 + 4;
const maxSegments = 10_000;

/** Starts of frames; the three codes between that are none are tables. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

export function readJpeg(bytes: Uint8Array, budget: TextBudget): Container | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const problems: string[] = [];
  const texts: RawText[] = [];
  const further: { readonly offset: number; readonly part: Uint8Array }[] = [];
  let size: Container['size'] = null;
  let exif: Uint8Array | null = null;
  let xmp: Uint8Array | null = null;
  let at = 2;
  for (let segments = 0; at + 4 <= bytes.length; segments += 1) {
    if (segments === maxSegments) {
      problems.push('The file has more segments than a picture needs; those behind were not read.');
      break;
    }
    if (bytes[at] !== 0xff) {
      problems.push('The JPEG segments are damaged; what came before was read.');
      break;
    }
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // The pixels begin, or the file ends.
    if (marker === 0xda || marker === 0xd9) break;
    const length = view.getUint16(at + 2);
    const content = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2 || at + 2 + length > bytes.length) {
      problems.push('A JPEG segment breaks off; what came before was read.');
      break;
    }
    at += 2 + length;
    if (isFrame(marker) && content.length >= 5) {
      const frame = new DataView(content.buffer, content.byteOffset, content.byteLength);
      size ??= { width: frame.getUint16(3), height: frame.getUint16(1) };
    } else if (marker === 0xfe) {
      if (texts.length < maxComments && budget.take(content.length))
        texts.push({ place: 'jpeg:comment', text: decodeText(content) });
      else problems.push('A JPEG comment is too long; it was not read.');
    } else if (marker === 0xe1) {
      if (startsWith(content, exifStart)) exif ??= content.subarray(exifStart.length);
      else if (startsWith(content, xmpStart)) xmp ??= content.subarray(xmpStart.length);
      else if (startsWith(content, furtherXmpStart)) {
        const head = furtherXmpStart.length + furtherXmpHead;
        if (content.length < head) continue;
        const offset = view.getUint32(content.byteOffset - bytes.byteOffset + head - 4);
        further.push({ offset, part: content.subarray(head) });
      }
    }
  }
  const parted = joined(further);
  return {
    format: 'jpeg',
    size: size && size.width > 0 && size.height > 0 ? size : null,
    texts,
    exif,
    xmp: [xmp, parted].filter((packet) => packet !== null),
    problems,
  };
}

const maxComments = 100;

/** Null where there is none, or parts are missing. */
function joined(
  parts: readonly { readonly offset: number; readonly part: Uint8Array }[],
): Uint8Array | null {
  if (parts.length === 0) return null;
  const inOrder = parts.toSorted((a, b) => a.offset - b.offset);
  let end = 0;
  for (const { offset, part } of inOrder) {
    if (offset !== end) return null;
    end += part.length;
  }
  return Buffer.concat(inOrder.map(({ part }) => part));
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, index) => bytes[index] === byte);
}
