/**
 * Picture files taken apart into the pieces that carry metadata, and put together again with lengths and checksums
 * that fit: a reader must not be spared by a checksum.
 */
import { crc32 } from 'node:zlib';

export type PieceFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'plain';

export interface Piece {
  /** Chunk type, marker or kind of block. */
  readonly type: string;
  readonly content: Buffer;
}

export interface Pieces {
  readonly format: PieceFormat;
  readonly start: Buffer;
  readonly pieces: readonly Piece[];
  /** What follows the last piece. */
  readonly end: Buffer;
}

/** Formats that have no such pieces, AVIF and TIFF, are one plain piece. */
export function takeApart(bytes: Buffer): Pieces {
  if (bytes.toString('latin1', 1, 4) === 'PNG') return pngPieces(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegPieces(bytes);
  if (bytes.toString('latin1', 8, 12) === 'WEBP') return webpPieces(bytes);
  if (bytes.toString('latin1', 0, 3) === 'GIF') return gifPieces(bytes);
  const plain = { type: 'plain', content: bytes };
  return { format: 'plain', start: Buffer.alloc(0), pieces: [plain], end: Buffer.alloc(0) };
}

export function putTogether({ format, start, pieces, end }: Pieces): Buffer {
  const parts = pieces.map((piece) => encoders[format](piece));
  const bytes = Buffer.concat([start, ...parts.flat(), end]);
  if (format === 'webp') bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}

const encoders: Readonly<Record<PieceFormat, (piece: Piece) => Buffer[]>> = {
  png({ type, content }) {
    const name = Buffer.from(type, 'latin1');
    const checksum = word(crc32(content, crc32(name)));
    return [word(content.length), name, content, checksum];
  },
  jpeg({ type, content }) {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(Number(type));
    head.writeUInt16BE(Math.min(content.length + 2, 0xffff), 2);
    return [head, content.subarray(0, 0xffff - 2)];
  },
  webp({ type, content }) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(content.length);
    return [Buffer.from(type, 'latin1'), length, content, Buffer.alloc(content.length % 2)];
  },
  gif({ type, content }) {
    if (type !== 'comment') return [content];
    const parts: Buffer[] = [Buffer.of(0x21, 0xfe)];
    for (let at = 0; at < content.length; at += 255) {
      const part = content.subarray(at, at + 255);
      parts.push(Buffer.of(part.length), part);
    }
    return [...parts, Buffer.of(0)];
  },
  plain: ({ content }) => [content],
};

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function pngPieces(bytes: Buffer): Pieces {
  const pieces: Piece[] = [];
  let at = 8;
  while (at + 12 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    pieces.push({ type, content: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return { format: 'png', start: bytes.subarray(0, 8), pieces, end: Buffer.alloc(0) };
}

function jpegPieces(bytes: Buffer): Pieces {
  const pieces: Piece[] = [];
  let at = 2;
  while (bytes[at] === 0xff && bytes[at + 1] !== 0xda) {
    const length = bytes.readUInt16BE(at + 2);
    pieces.push({
      type: String(bytes.readUInt16BE(at)),
      content: bytes.subarray(at + 4, at + 2 + length),
    });
    at += 2 + length;
  }
  return { format: 'jpeg', start: bytes.subarray(0, 2), pieces, end: bytes.subarray(at) };
}

function webpPieces(bytes: Buffer): Pieces {
  const pieces: Piece[] = [];
  let at = 12;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32LE(at + 4);
    pieces.push({
      type: bytes.toString('latin1', at, at + 4),
      content: bytes.subarray(at + 8, at + 8 + length),
    });
    at += 8 + length + (length % 2);
  }
  return { format: 'webp', start: bytes.subarray(0, 12), pieces, end: Buffer.alloc(0) };
}

/** The comment is taken out; what lies before and behind stays as it is. */
function gifPieces(bytes: Buffer): Pieces {
  const at = bytes.indexOf(Buffer.of(0x21, 0xfe));
  const parts: Buffer[] = [];
  let end = at + 2;
  while (at >= 0 && (bytes[end] ?? 0) > 0) {
    parts.push(bytes.subarray(end + 1, end + 1 + (bytes[end] ?? 0)));
    end += 1 + (bytes[end] ?? 0);
  }
  const comment = { type: 'comment', content: Buffer.concat(parts) };
  return {
    format: 'gif',
    start: bytes.subarray(0, Math.max(at, 0)),
    pieces: [comment],
    end: bytes.subarray(at < 0 ? 0 : end + 1),
  };
}
