/**
 * Text hidden in the lowest bits of a PNG's pixels ("stealth PNG info"), column by column: a signature, the
 * text's length in bits as 32 bits, the text, mostly packed with gzip. In the alpha channel, or in red, green
 * and blue.
 *
 * Promises: never throws; the pixels are unpacked row by row off the thread, so that nothing waits and no
 * picture is held; of each row only the columns that hold the text are decoded; the signature alone decides
 * whether more than the first rows are unpacked.
 */
import { Readable } from 'node:stream';
import { createInflate, gunzipSync } from 'node:zlib';
import type { RawText } from './containers/container.ts';
import { readPngChunks, typeOf } from './png-chunks.ts';

interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly packed: readonly Uint8Array[];
}

const signatureBytes = 15;
const headBits = 8 * signatureBytes + 32;
/** Pixels that hold the signature and the length in either way of hiding. */
const headPixels = headBits;
/** Bytes of unpacked pixels: 4096 × 4096 with alpha. */
const maxPixelBytes = 2 ** 26 + 2 ** 16;
/** The same for the signature alone. */
const maxHeadBytes = 2 ** 23;
/** Small pieces would take longer to hand over than to unpack. */
const unpackedAtOnce = 2 ** 17;
const maxPackedText = 2 ** 21;
const maxText = 2 ** 22;

const ways = {
  stealth_pngcomp: { place: 'stealth:alpha', isPacked: true },
  stealth_pnginfo: { place: 'stealth:alpha', isPacked: false },
  stealth_rgbcomp: { place: 'stealth:rgb', isPacked: true },
  stealth_rgbinfo: { place: 'stealth:rgb', isPacked: false },
} as const;

export interface StealthText {
  /** Null where nothing is hidden, or it cannot be read. */
  readonly text: RawText | null;
  /** Why not, in a sentence for people. */
  readonly problem: string | null;
}

const nothing: StealthText = { text: null, problem: null };

export async function readStealthText(png: Uint8Array): Promise<StealthText> {
  const geometry = geometryOf(png);
  if (!geometry) return nothing;
  const { height, channels } = geometry;
  const first = await lowestBits(geometry, headPixels, maxHeadBytes);
  if (!first) return nothing;
  const heads = channels === 4 ? [alphaBits(first), colourBits(first)] : [colourBits(first)];
  const found = heads
    .map((bits) => bytesOf(bits, 0, signatureBytes + 4))
    .find((head) => wayOf(head) !== null);
  const way = found && wayOf(found);
  if (!found || !way) return nothing;
  const lengthBits = found.readUInt32BE(signatureBytes);
  const bitsPerPixel = way.place === 'stealth:alpha' ? 1 : 3;
  const pixels = Math.ceil((headBits + lengthBits) / bitsPerPixel);
  if (pixels > geometry.width * height || lengthBits % 8 !== 0 || lengthBits > 8 * maxPackedText)
    return {
      text: null,
      problem: 'The text hidden in the pixels has an impossible length; it was not read.',
    };
  const all = await lowestBits(geometry, pixels, maxPixelBytes);
  if (!all)
    return {
      text: null,
      problem:
        'A text is hidden in the pixels, but the picture is damaged or too large to look for it.',
    };
  const bits = bitsPerPixel === 1 ? alphaBits(all) : colourBits(all);
  const stored = bytesOf(bits, headBits, lengthBits / 8);
  try {
    const text = way.isPacked ? gunzipSync(stored, { maxOutputLength: maxText }) : stored;
    return { text: { place: way.place, text: new TextDecoder().decode(text) }, problem: null };
  } catch {
    return {
      text: null,
      problem:
        'The text hidden in the pixels is damaged or too long when unpacked; it was not read.',
    };
  }
}

function wayOf(head: Buffer) {
  const signature = head.toString('latin1', 0, signatureBytes);
  return Object.hasOwn(ways, signature) ? ways[signature as keyof typeof ways] : null;
}

/** Null for pictures that programs do not hide text in: with a palette, grey, of 16 bits, interlaced. */
function geometryOf(png: Uint8Array): Geometry | null {
  const chunks = readPngChunks(png);
  const header = chunks.next().value?.content;
  if (header?.length !== 13) return null;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [depth, colour, , , interlace] = header.subarray(8);
  if (depth !== 8 || (colour !== 2 && colour !== 6) || interlace !== 0) return null;
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (width === 0 || height === 0) return null;
  const idat = typeOf('IDAT');
  const packed: Uint8Array[] = [];
  for (const { type, content } of chunks) if (type === idat) packed.push(content);
  return { width, height, channels: colour === 6 ? 4 : 3, packed };
}

/**
 * @returns for each of the first pixels, column by column, its lowest bits as `rgba` from the upper to the lower;
 *   null where they do not lie within the limit or the data is damaged
 */
async function lowestBits(
  { width, height, channels, packed }: Geometry,
  pixels: number,
  limitBytes: number,
): Promise<Uint8Array | null> {
  const wanted = Math.min(pixels, width * height);
  const columns = Math.ceil(wanted / height);
  const rows = columns === 1 ? wanted : height;
  const rowBytes = 1 + width * channels;
  if (rowBytes * rows > limitBytes) return null;
  const result = new Uint8Array(columns * height > wanted ? wanted : columns * height);
  // The filter's number, and as many bytes as the columns need: no filter looks further to the right.
  const kept = 1 + columns * channels;
  let above = new Uint8Array(kept);
  let row = new Uint8Array(kept);
  let y = 0;
  let at = 0;
  const inflate = Readable.from(packed).pipe(createInflate({ chunkSize: unpackedAtOnce }));
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      for (let from = 0; from < chunk.length && y < rows;) {
        const length = Math.min(rowBytes - at, chunk.length - from);
        if (at < kept) row.set(chunk.subarray(from, from + Math.min(length, kept - at)), at);
        at += length;
        from += length;
        if (at < rowBytes) continue;
        if (!unfilter(row, above, channels)) return null;
        for (let x = 0; x < columns; x += 1) {
          const index = x * height + y;
          if (index < result.length) result[index] = bitsAt(row, 1 + x * channels, channels);
        }
        [above, row] = [row, above];
        y += 1;
        at = 0;
      }
      if (y === rows) return result;
    }
  } catch {
    // The pixels are damaged; whoever shows the picture will say so.
  } finally {
    inflate.destroy();
  }
  return null;
}

function bitsAt(row: Uint8Array, at: number, channels: 3 | 4): number {
  const bit = (offset: number) => (row[at + offset] ?? 0) & 1;
  return (bit(0) << 3) | (bit(1) << 2) | (bit(2) << 1) | (channels === 4 ? bit(3) : 0);
}

/** In place. Source: PNG, Third Edition, §9.2. @returns false for a filter that does not exist */
function unfilter(row: Uint8Array, above: Uint8Array, step: number): boolean {
  const filter = row[0] ?? 0;
  if (filter > 4) return false;
  for (let at = 1; at < row.length; at += 1) {
    const left = at > step ? (row[at - step] ?? 0) : 0;
    const up = above[at] ?? 0;
    const corner = at > step ? (above[at - step] ?? 0) : 0;
    const own = row[at] ?? 0;
    if (filter === 1) row[at] = own + left;
    else if (filter === 2) row[at] = own + up;
    else if (filter === 3) row[at] = own + ((left + up) >> 1);
    else if (filter === 4) row[at] = own + nearest(left, up, corner);
  }
  return true;
}

function nearest(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [byLeft, byUp, byCorner] = [
    Math.abs(guess - left),
    Math.abs(guess - up),
    Math.abs(guess - corner),
  ];
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

type Bits = (index: number) => number;

function alphaBits(pixels: Uint8Array): Bits {
  return (index) => (pixels[index] ?? 0) & 1;
}

function colourBits(pixels: Uint8Array): Bits {
  return (index) => ((pixels[Math.floor(index / 3)] ?? 0) >> (3 - (index % 3))) & 1;
}

function bytesOf(bits: Bits, from: number, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  for (let index = 0; index < count; index += 1) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit += 1) byte = (byte << 1) | bits(from + index * 8 + bit);
    bytes[index] = byte;
  }
  return bytes;
}
