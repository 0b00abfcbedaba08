/**
 * Chunks of a WebP file.
 * Source: RFC 9649, §2 (container), §3 (VP8L); RFC 6386, §9.1 (VP8).
 */
import type { Container } from './container.ts';

const maxChunks = 10_000;

export function readWebp(bytes: Uint8Array): Container | null {
  if (letters(bytes, 0) !== 'RIFF' || letters(bytes, 8) !== 'WEBP') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const problems: string[] = [];
  let size: Container['size'] = null;
  let exif: Uint8Array | null = null;
  let xmp: Uint8Array | null = null;
  let at = 12;
  for (let chunks = 0; at + 8 <= bytes.length; chunks += 1) {
    if (chunks === maxChunks) {
      problems.push('The file has more chunks than a picture needs; those behind were not read.');
      break;
    }
    const name = letters(bytes, at);
    const length = view.getUint32(at + 4, true);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (content.length < length) {
      problems.push('A WebP chunk breaks off; what came before was read.');
      break;
    }
    if (name === 'EXIF') exif ??= withoutPrefix(content);
    else if (name === 'XMP ') xmp ??= content;
    else size ??= sizeOf(name, content);
    at += 8 + length + (length % 2);
  }
  return { format: 'webp', size, texts: [], exif, xmp: xmp ? [xmp] : [], problems };
}

function sizeOf(name: string, content: Uint8Array): Container['size'] {
  if (content.length < 10) return null;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  switch (name) {
    case 'VP8X': {
      const at = (start: number) =>
        1 + view.getUint16(start, true) + (view.getUint8(start + 2) << 16);
      return { width: at(4), height: at(7) };
    }
    case 'VP8 ': {
      const isKeyFrame = content[3] === 0x9d && content[4] === 0x01 && content[5] === 0x2a;
      const [width, height] = [view.getUint16(6, true) & 0x3fff, view.getUint16(8, true) & 0x3fff];
      return isKeyFrame && width > 0 && height > 0 ? { width, height } : null;
    }
    case 'VP8L': {
      const packed = view.getUint32(1, true);
      const isLossless = content[0] === 0x2f;
      return isLossless
        ? { width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) }
        : null;
    }
    default:
      return null;
  }
}

/** Some write what belongs into JPEG alone. */
export function withoutPrefix(exif: Uint8Array): Uint8Array {
  return letters(exif, 0) === 'Exif' && exif[4] === 0 && exif[5] === 0 ? exif.subarray(6) : exif;
}

function letters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
