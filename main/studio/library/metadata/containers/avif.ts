/**
 * Boxes of an AVIF file, as far as they tell its size and where its metadata lies.
 * Source: ISO/IEC 14496-12, §8.11 (items); ISO/IEC 23008-12, §6.5.3 (ispe) and annex A (EXIF, XMP).
 */
import type { Container } from './container.ts';
import { withoutPrefix } from './webp.ts';

interface Box {
  readonly type: string;
  readonly content: Uint8Array;
}

interface ItemPlace {
  readonly isWithinMeta: boolean;
  readonly extents: readonly { readonly offset: number; readonly length: number }[];
}

const maxBoxes = 10_000;
/** Pictures of many tiles have an item for each. */
const maxItems = 10_000;
const brands: ReadonlySet<string> = new Set(['avif', 'avis', 'mif1', 'msf1', 'heic', 'heix']);

export function readAvif(bytes: Uint8Array): Container | null {
  const first = boxes(bytes).next().value;
  if (first?.type !== 'ftyp' || !brandsOf(first.content).some((brand) => brands.has(brand)))
    return null;
  const problems: string[] = [];
  const read: Container = { format: 'avif', size: null, texts: [], exif: null, xmp: [], problems };
  try {
    const meta = find(bytes, 'meta')?.subarray(4);
    return meta ? { ...read, ...readMeta(bytes, meta) } : read;
  } catch (error) {
    // What points outside of its box is no field.
    if (!(error instanceof RangeError)) throw error;
    problems.push('The AVIF boxes are damaged; nothing was read of them.');
    return read;
  }
}

function readMeta(file: Uint8Array, meta: Uint8Array): Pick<Container, 'size' | 'exif' | 'xmp'> {
  const places = itemPlaces(find(meta, 'iloc') ?? new Uint8Array());
  const within = find(meta, 'idat') ?? new Uint8Array();
  let exif: Uint8Array | null = null;
  let xmp: Uint8Array | null = null;
  for (const { id, type, isXmp } of itemKinds(find(meta, 'iinf') ?? new Uint8Array())) {
    const place = places.get(id);
    const isWanted = isXmp ? xmp === null : type === 'Exif' && exif === null;
    if (!place || !isWanted) continue;
    const content = itemBytes(place.isWithinMeta ? within : file, place);
    if (isXmp) xmp ??= content;
    else if (content.length > 4) {
      const head = viewOf(content).getUint32(0);
      exif ??= withoutPrefix(content.subarray(Math.min(4 + head, content.length)));
    }
  }
  return { size: sizeOf(meta), exif, xmp: xmp ? [xmp] : [] };
}

/** That of the primary item; of a file that does not say, the largest. */
function sizeOf(meta: Uint8Array): Container['size'] {
  const properties = find(meta, 'iprp');
  const container = properties && find(properties, 'ipco');
  if (!container) return null;
  const sizes = [...boxes(container)].map(({ type, content }) => {
    if (type !== 'ispe' || content.length < 12) return null;
    const view = viewOf(content);
    return { width: view.getUint32(4), height: view.getUint32(8) };
  });
  const pitm = find(meta, 'pitm');
  const links = find(properties, 'ipma');
  const primary = pitm && (pitm[0] === 0 ? viewOf(pitm).getUint16(4) : viewOf(pitm).getUint32(4));
  const own = primary === undefined || !links ? [] : propertiesOf(links, primary);
  const found = own.map((index) => sizes[index - 1]).find((size) => size != null);
  const largest = sizes
    .filter((size) => size !== null)
    .reduce<Container['size']>(
      (most, size) => (most && most.width * most.height >= size.width * size.height ? most : size),
      null,
    );
  const size = found ?? largest;
  return size && size.width > 0 && size.height > 0 ? size : null;
}

/** Numbers of the properties, from 1, that an item has. */
function propertiesOf(ipma: Uint8Array, item: number): readonly number[] {
  const view = viewOf(ipma);
  const [isWideItem, isWideIndex] = [view.getUint8(0) > 0, (view.getUint8(3) & 1) === 1];
  const entries = Math.min(view.getUint32(4), maxItems);
  let at = 8;
  for (let entry = 0; entry < entries; entry += 1) {
    const id = isWideItem ? view.getUint32(at) : view.getUint16(at);
    at += isWideItem ? 4 : 2;
    const count = view.getUint8(at);
    at += 1;
    if (id === item)
      return Array.from({ length: count }, (_, index) =>
        isWideIndex ? view.getUint16(at + 2 * index) & 0x7fff : view.getUint8(at + index) & 0x7f,
      );
    at += count * (isWideIndex ? 2 : 1);
  }
  return [];
}

function* itemKinds(
  iinf: Uint8Array,
): Generator<{ readonly id: number; readonly type: string; readonly isXmp: boolean }> {
  if (iinf.length < 6) return;
  const head = iinf[0] === 0 ? 6 : 8;
  for (const { type: box, content } of boxes(iinf.subarray(head))) {
    const version = content[0] ?? 0;
    if (box !== 'infe' || version < 2 || content.length < 12) continue;
    const view = viewOf(content);
    const id = version === 2 ? view.getUint16(4) : view.getUint32(4);
    const at = version === 2 ? 8 : 10;
    const type = letters(content, at);
    // A name of any length ends with a NUL; the kind of content stands behind it.
    const kindAt = content.indexOf(0, at + 4) + 1;
    const kind = Buffer.from(content.subarray(kindAt, kindAt + 64)).toString('latin1');
    yield { id, type, isXmp: type === 'mime' && kind.startsWith('application/rdf+xml') };
  }
}

function itemPlaces(iloc: Uint8Array): ReadonlyMap<number, ItemPlace> {
  const places = new Map<number, ItemPlace>();
  if (iloc.length < 8) return places;
  const view = viewOf(iloc);
  const version = view.getUint8(0);
  const [sizes, more] = [view.getUint8(4), view.getUint8(5)];
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 4, sizes & 15, more >> 4];
  const indexBytes = version === 0 ? 0 : more & 15;
  let at = 6;
  const take = (width: number): number => {
    const from = at;
    at += width;
    if (width === 0) return 0;
    if (width === 2) return view.getUint16(from);
    if (width === 4) return view.getUint32(from);
    if (width === 8) return Number(view.getBigUint64(from));
    throw new RangeError('A field of such a width does not exist.');
  };
  const count = Math.min(take(version < 2 ? 2 : 4), maxItems);
  let extentsLeft = maxItems;
  for (let item = 0; item < count; item += 1) {
    const id = take(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : take(2) & 15;
    take(2);
    const base = take(baseBytes);
    const length = take(2);
    // Fields can have no width at all: then a short file could declare any number of them.
    extentsLeft -= length;
    if (extentsLeft < 0) break;
    const extents = Array.from({ length }, () => {
      take(indexBytes);
      return { offset: base + take(offsetBytes), length: take(lengthBytes) };
    });
    if (method < 2) places.set(id, { isWithinMeta: method === 1, extents });
  }
  return places;
}

/** Never more than the file has: extents can lie upon each other. */
function itemBytes(holder: Uint8Array, { extents }: ItemPlace): Uint8Array {
  let left = holder.length;
  const parts: Uint8Array[] = [];
  for (const { offset, length } of extents) {
    const part = holder.subarray(offset, length === 0 ? undefined : offset + length);
    if (part.length > left) break;
    left -= part.length;
    parts.push(part);
  }
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}

function find(bytes: Uint8Array, wanted: string): Uint8Array | undefined {
  for (const { type, content } of boxes(bytes)) if (type === wanted) return content;
  return undefined;
}

function* boxes(bytes: Uint8Array): Generator<Box, undefined> {
  const view = viewOf(bytes);
  let at = 0;
  for (let count = 0; at + 8 <= bytes.length && count < maxBoxes; count += 1) {
    let length = view.getUint32(at);
    let head = 8;
    if (length === 1 && at + 16 <= bytes.length) {
      length = Number(view.getBigUint64(at + 8));
      head = 16;
    } else if (length === 0) length = bytes.length - at;
    if (length < head || at + length > bytes.length) return;
    yield { type: letters(bytes, at + 4), content: bytes.subarray(at + head, at + length) };
    at += length;
  }
}

function brandsOf(ftyp: Uint8Array): readonly string[] {
  const count = Math.min(Math.floor(ftyp.length / 4), 64);
  return Array.from({ length: count }, (_, index) => letters(ftyp, index * 4));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function letters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
