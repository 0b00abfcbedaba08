/**
 * Text in PNG files: reading whatever is out there, writing what other programs read.
 *
 * Promises: reading never throws and never reserves memory by a length that a file declares;
 * inflated text is bounded; writing changes no byte of the picture itself.
 * Source: PNG, Third Edition (W3C 2025), §11.3.3 tEXt, zTXt, iTXt.
 */
import { crc32, inflateSync } from 'node:zlib';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** The signature and the IHDR chunk, which always comes first and has 13 bytes: 8 + 12 + 13. */
const afterHeader = 33;
const maxTextBytes = 16 * 2 ** 20;

export interface PngText {
  readonly width: number;
  readonly height: number;
  /** Keyword → text; the first chunk of a keyword wins. */
  readonly texts: ReadonlyMap<string, string>;
}

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

/** @returns null if this is no PNG; a file that breaks off yields what came before the break */
export function readPngText(bytes: Uint8Array): PngText | null {
  const chunks = readChunks(bytes);
  const header = chunks.next().value;
  if (header?.type !== 'IHDR' || header.content.length !== 13) return null;
  const view = new DataView(header.content.buffer, header.content.byteOffset, 13);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) return null;
  const texts = new Map<string, string>();
  for (const chunk of chunks) {
    const entry = readTextChunk(chunk);
    if (entry && !texts.has(entry.keyword)) texts.set(entry.keyword, entry.text);
  }
  return { width, height, texts };
}

/** True if the file ends with its IEND chunk and every chunk fits. */
export function isCompletePng(bytes: Uint8Array): boolean {
  let last = '';
  for (const { type } of readChunks(bytes)) last = type;
  return last === 'IEND';
}

function* readChunks(bytes: Uint8Array): Generator<Chunk, undefined> {
  if (bytes.length < afterHeader || signature.some((byte, i) => bytes[i] !== byte)) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = signature.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) return;
    yield {
      type: latin1(bytes.subarray(at + 4, at + 8)),
      content: bytes.subarray(at + 8, at + 8 + length),
    };
    at = end;
  }
}

function readTextChunk({
  type: chunkType,
  content,
}: Chunk): { keyword: string; text: string } | null {
  if (chunkType !== 'tEXt' && chunkType !== 'zTXt' && chunkType !== 'iTXt') return null;
  const keywordEnd = content.indexOf(0);
  if (keywordEnd < 1 || keywordEnd > 79) return null;
  const keyword = latin1(content.subarray(0, keywordEnd));
  const rest = content.subarray(keywordEnd + 1);
  switch (chunkType) {
    case 'tEXt':
      return { keyword, text: latin1(rest) };
    case 'zTXt': {
      const text = rest[0] === 0 ? inflate(rest.subarray(1)) : null;
      return text ? { keyword, text: latin1(text) } : null;
    }
    case 'iTXt': {
      const [compressed, method] = rest;
      const languageEnd = rest.indexOf(0, 2);
      const translatedEnd = languageEnd < 0 ? -1 : rest.indexOf(0, languageEnd + 1);
      if (translatedEnd < 0) return null;
      const stored = rest.subarray(translatedEnd + 1);
      const text =
        compressed === 0 ? stored : compressed === 1 && method === 0 ? inflate(stored) : null;
      return text ? { keyword, text: new TextDecoder().decode(text) } : null;
    }
    default:
      chunkType satisfies never;
      return null;
  }
}

function inflate(bytes: Uint8Array): Uint8Array | null {
  try {
    return inflateSync(bytes, { maxOutputLength: maxTextBytes });
  } catch {
    // Damaged or a decompression bomb: this text is not readable, the rest of the file may be.
    return null;
  }
}

/** A tEXt chunk where Latin-1 can hold the text, as other programs write it; else iTXt in UTF-8. */
export function textChunk(keyword: string, text: string): Uint8Array {
  return isLatin1(text)
    ? chunk('tEXt', join(ascii(keyword), [0], Buffer.from(text, 'latin1')))
    : utf8Chunk(keyword, text);
}

/** An uncompressed iTXt chunk without language. */
export function utf8Chunk(keyword: string, text: string): Uint8Array {
  return chunk('iTXt', join(ascii(keyword), [0, 0, 0, 0, 0], Buffer.from(text, 'utf8')));
}

/**
 * @param png a complete PNG file; not modified
 * @returns a new file with the chunks right after the header
 * @throws {RangeError} if it does not start as a PNG must
 */
export function insertChunks(png: Uint8Array, chunks: readonly Uint8Array[]): Uint8Array {
  const header = readChunks(png).next().value;
  if (header?.type !== 'IHDR' || header.content.length !== 13)
    throw new RangeError('Not a PNG file.');
  return join(png.subarray(0, afterHeader), ...chunks, png.subarray(afterHeader));
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(ascii(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function isLatin1(text: string): boolean {
  // A NUL would end the text early for some readers; UTF-8 text carries it no better, but harms no keyword.
  return /^[\u0001-\u00ff]*$/.test(text);
}
