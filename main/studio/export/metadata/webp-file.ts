/**
 * WebP files: what they tell is taken out and put in, the picture stays byte for byte.
 * Source: RFC 9649 (WebP), §2.3–2.7.
 */
import { concatBytes, latin1Bytes, latin1Text, viewOf } from '../../library/metadata/bytes.ts';
import { exifBytesOf, type ToldMetadata } from './told.ts';

const riffHeaderBytes = 12;
const flags = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04, animation: 0x02 } as const;
/** In the order in which they stand in a file. */
const pictureChunks = new Set(['ALPH', 'VP8 ', 'VP8L', 'ANIM', 'ANMF']);

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

/** @param keepsProfile whether the colour profile stays @throws {RangeError} if it is no whole WebP */
export function retellWebp(
  webp: Uint8Array,
  told: ToldMetadata,
  keepsProfile: boolean,
): Uint8Array {
  const chunks = readChunks(webp);
  const profile = keepsProfile ? chunks.find(({ type }) => type === 'ICCP') : undefined;
  const exif = exifBytesOf(told);
  const packet = told.xmpWithRecipe ?? told.xmp;
  const pictures = chunks.filter(({ type }) => pictureChunks.has(type));
  const kept = [
    ...(profile ? [profile] : []),
    ...pictures,
    ...(exif ? [{ type: 'EXIF', content: exif }] : []),
    ...(packet === null ? [] : [{ type: 'XMP ', content: new TextEncoder().encode(packet) }]),
  ];
  const extended = chunks.find(({ type }) => type === 'VP8X')?.content ?? null;
  if (!extended && kept.length === pictures.length) return fileOf(kept);
  const header = Uint8Array.from(extended ?? extendedHeader(pictures));
  const stays = (header[0] ?? 0) & (flags.alpha | flags.animation);
  header[0] =
    stays |
    (profile ? flags.profile : 0) |
    (exif ? flags.exif : 0) |
    (packet === null ? 0 : flags.xmp);
  return fileOf([{ type: 'VP8X', content: header }, ...kept]);
}

function readChunks(webp: Uint8Array): readonly Chunk[] {
  if (latin1Text(webp.subarray(0, 4)) !== 'RIFF' || latin1Text(webp.subarray(8, 12)) !== 'WEBP')
    throw new RangeError('Not a WebP file.');
  const view = viewOf(webp);
  const chunks: Chunk[] = [];
  for (let at = riffHeaderBytes; at + 8 <= webp.length;) {
    const size = view.getUint32(at + 4, true);
    if (at + 8 + size > webp.length) throw new RangeError('The WebP file breaks off.');
    chunks.push({
      type: latin1Text(webp.subarray(at, at + 4)),
      content: webp.subarray(at + 8, at + 8 + size),
    });
    at += 8 + size + (size % 2);
  }
  return chunks;
}

/** The canvas as the bit stream says it: RFC 6386, §9.1 for VP8; RFC 9649, §3.4 for VP8L. */
function extendedHeader(pictures: readonly Chunk[]): Uint8Array {
  const header = new Uint8Array(10);
  const picture = pictures.find(({ type }) => type === 'VP8L' || type === 'VP8 ');
  if (!picture || picture.content.length < 10)
    throw new RangeError('The WebP file has no picture.');
  const view = viewOf(picture.content);
  const isLossless = picture.type === 'VP8L';
  const bits = isLossless ? view.getUint32(1, true) : 0;
  const width = isLossless ? (bits & 0x3fff) + 1 : view.getUint16(6, true) & 0x3fff;
  const height = isLossless ? ((bits >>> 14) & 0x3fff) + 1 : view.getUint16(8, true) & 0x3fff;
  if (isLossless && ((bits >>> 28) & 1) === 1) header[0] = flags.alpha;
  for (const [at, value] of [
    [4, width - 1],
    [7, height - 1],
  ] as const) {
    header[at] = value & 0xff;
    header[at + 1] = (value >>> 8) & 0xff;
    header[at + 2] = (value >>> 16) & 0xff;
  }
  return header;
}

function fileOf(chunks: readonly Chunk[]): Uint8Array {
  const body = concatBytes(
    ...chunks.flatMap(({ type, content }) => {
      const head = new Uint8Array(8);
      head.set(latin1Bytes(type));
      viewOf(head).setUint32(4, content.length, true);
      return [head, content, new Uint8Array(content.length % 2)];
    }),
  );
  const head = new Uint8Array(riffHeaderBytes);
  head.set(latin1Bytes('RIFF'));
  viewOf(head).setUint32(4, body.length + 4, true);
  head.set(latin1Bytes('WEBP'), 8);
  return concatBytes(head, body);
}
