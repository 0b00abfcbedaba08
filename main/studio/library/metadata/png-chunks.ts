/**
 * Text in PNG files: reading whatever is out there, writing what other programs read.
 *
 * Promises: reading never throws and never reserves memory by a length that a file declares;
 * text, inflated or not, is bounded; writing changes no byte of the picture itself.
 * Source: PNG, Third Edition (W3C 2025), §11.3.3 tEXt, zTXt, iTXt, §11.3.4.5 eXIf.
 */
import { crc32 } from 'node:zlib';
import { createTextBudget, type TextBudget } from './text-budget.ts';
import { concatBytes, latin1Bytes, latin1Text } from './bytes.ts';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** The signature and the IHDR chunk, which always comes first and has 13 bytes: 8 + 12 + 13. */
const afterHeader = 33;
/** Chunks have a few thousand bytes of a picture each; a file with more is made to keep readers busy. */
const maxChunks = 100_000;
const maxTexts = 300;

export interface PngText {
  readonly width: number;
  readonly height: number;
  /** Keyword → text; the first chunk of a keyword wins. */
  readonly texts: ReadonlyMap<string, string>;
  /** The content of eXIf, as it lies in the file. */
  readonly exif: Uint8Array | null;
  /** What was refused, in sentences for people. */
  readonly problems: readonly string[];
}

interface Chunk {
  /** Its four letters as one number: a file can have very many. */
  readonly type: number;
  readonly content: Uint8Array;
}

const ihdr = typeOf('IHDR');
const iend = typeOf('IEND');
const exifType = typeOf('eXIf');
const textTypes = new Map([
  [typeOf('tEXt'), 'tEXt'],
  [typeOf('zTXt'), 'zTXt'],
  [typeOf('iTXt'), 'iTXt'],
] as const);

/**
 * @param budget shared by all that is read of one file
 * @returns null if this is no PNG; a file that breaks off yields what came before the break
 */
export function readPngText(bytes: Uint8Array, budget = createTextBudget()): PngText | null {
  const chunks = readPngChunks(bytes);
  const header = chunks.next().value;
  if (header?.type !== ihdr || header.content.length !== 13) return null;
  const view = new DataView(header.content.buffer, header.content.byteOffset, 13);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) return null;
  const texts = new Map<string, string>();
  const problems: string[] = [];
  let exif: Uint8Array | null = null;
  let read = 0;
  for (const { type, content } of chunks) {
    read += 1;
    if (read > maxChunks || texts.size >= maxTexts) {
      problems.push('The file has more chunks than a picture needs; those behind were not read.');
      break;
    }
    if (type === exifType) exif ??= content;
    const textType = textTypes.get(type);
    const entry = textType && readTextChunk(textType, content, budget);
    if (!entry || texts.has(entry.keyword)) continue;
    if (entry.text !== null) texts.set(entry.keyword, entry.text);
    else
      problems.push(
        `The text “${entry.keyword}” is damaged or too long when unpacked; it was not read.`,
      );
  }
  return { width, height, texts, exif, problems };
}

/** True if the file ends with its IEND chunk and every chunk fits. */
export function isCompletePng(bytes: Uint8Array): boolean {
  let last = 0;
  for (const { type } of readPngChunks(bytes)) last = type;
  return last === iend;
}

/** Chunks in the order of the file, up to one that the file cannot hold; checksums are not looked at. */
export function* readPngChunks(bytes: Uint8Array): Generator<Chunk, undefined> {
  if (bytes.length < afterHeader || signature.some((byte, i) => bytes[i] !== byte)) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = signature.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) return;
    yield { type: view.getUint32(at + 4), content: bytes.subarray(at + 8, at + 8 + length) };
    at = end;
  }
}

/** The four letters of a chunk's type as one number. */
export function typeOf(letters: string): number {
  return Buffer.from(letters, 'latin1').readUInt32BE();
}

/** A null text is one that cannot be read. */
function readTextChunk(
  chunkType: 'tEXt' | 'zTXt' | 'iTXt',
  content: Uint8Array,
  budget: TextBudget,
): { keyword: string; text: string | null } | null {
  // Keywords have at most 79 bytes; looking further would cost as much as the chunk is long.
  const keywordEnd = content.subarray(0, 80).indexOf(0);
  if (keywordEnd < 1) return null;
  const keyword = latin1Text(content.subarray(0, keywordEnd));
  const rest = content.subarray(keywordEnd + 1);
  switch (chunkType) {
    case 'tEXt':
      return { keyword, text: budget.take(rest.length) ? latin1Text(rest) : null };
    case 'zTXt': {
      const text = rest[0] === 0 ? budget.inflate(rest.subarray(1)) : null;
      return { keyword, text: text && latin1Text(text) };
    }
    case 'iTXt': {
      const [compressed, method] = rest;
      const languageEnd = rest.indexOf(0, 2);
      const translatedEnd = languageEnd < 0 ? -1 : rest.indexOf(0, languageEnd + 1);
      if (translatedEnd < 0) return null;
      const stored = rest.subarray(translatedEnd + 1);
      const isPacked = compressed === 1 && method === 0;
      const isPlain = compressed === 0 && budget.take(stored.length);
      const text = isPlain ? stored : isPacked ? budget.inflate(stored) : null;
      return { keyword, text: text && new TextDecoder().decode(text) };
    }
    default:
      chunkType satisfies never;
      return null;
  }
}

/** A tEXt chunk where Latin-1 can hold the text, as other programs write it; else iTXt in UTF-8. */
export function textChunk(keyword: string, text: string): Uint8Array {
  return isLatin1(text)
    ? chunk('tEXt', latin1Bytes(`${keyword}\0${text}`))
    : utf8Chunk(keyword, text);
}

/** An uncompressed iTXt chunk without language. */
export function utf8Chunk(keyword: string, text: string): Uint8Array {
  return chunk('iTXt', concatBytes(latin1Bytes(`${keyword}\0\0\0\0\0`), Buffer.from(text, 'utf8')));
}

/** @param exif directories of TIFF, as `exifOf` makes them */
export function exifChunk(exif: Uint8Array): Uint8Array {
  return chunk('eXIf', exif);
}

/**
 * @param png a complete PNG file; not modified
 * @returns a new file with the chunks right after the header
 * @throws {RangeError} if it does not start as a PNG must
 */
export function insertChunks(png: Uint8Array, chunks: readonly Uint8Array[]): Uint8Array {
  const header = readPngChunks(png).next().value;
  if (header?.type !== ihdr || header.content.length !== 13)
    throw new RangeError('Not a PNG file.');
  return concatBytes(png.subarray(0, afterHeader), ...chunks, png.subarray(afterHeader));
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(latin1Bytes(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

function isLatin1(text: string): boolean {
  // A NUL would end the text early for some readers; UTF-8 text carries it no better, but harms no keyword.
  return /^[\u0001-\u00ff]*$/.test(text);
}
