/**
 * AVIF files as sharp writes them: what they tell becomes items beside the picture.
 * Sources: ISO/IEC 14496-12, §8.11 (meta, iloc, iinf, iref); ISO/IEC 23008-12, Annex A (Exif and XMP items).
 */
import { concatBytes, latin1Bytes, latin1Text, viewOf } from '../../library/metadata/bytes.ts';
import { exifBytesOf, type ToldMetadata } from './told.ts';

const boxHeaderBytes = 8;
/** Of a box with version and flags. */
const fullHeaderBytes = 12;

interface Box {
  readonly type: string;
  readonly start: number;
  readonly bytes: Uint8Array;
}

interface Item {
  readonly id: number;
  /** What `infe` says behind the id. */
  readonly described: Uint8Array;
  readonly content: Uint8Array;
}

/**
 * @param avif without any metadata of its own
 * @throws {RangeError} if it is not laid out as sharp lays it out
 */
export function tellInAvif(avif: Uint8Array, told: ToldMetadata): Uint8Array {
  const exif = exifBytesOf(told);
  const packet = told.xmpWithRecipe ?? told.xmp;
  if (!exif && packet === null) return avif;
  const meta = boxesIn(avif, 0).find(({ type }) => type === 'meta');
  if (!meta) throw new RangeError('The AVIF file has no meta box.');
  const parts = boxesIn(meta.bytes, fullHeaderBytes);
  const partOf = (type: string) => {
    const found = parts.find((part) => part.type === type);
    if (!found) throw new RangeError(`The AVIF file has no ${type} box.`);
    return found.bytes;
  };
  const located = partOf('iloc');
  const listed = partOf('iinf');
  const primary = viewOf(partOf('pitm')).getUint16(fullHeaderBytes);
  const lastId = Math.max(...itemIds(located));
  const items: Item[] = [
    ...(exif
      ? [{ described: latin1Bytes('Exif\0'), content: concatBytes(new Uint8Array(4), exif) }]
      : []),
    ...(packet === null
      ? []
      : [
          {
            described: latin1Bytes('mime\0application/rdf+xml\0'),
            content: new TextEncoder().encode(packet),
          },
        ]),
  ].map((item, index) => ({ ...item, id: lastId + 1 + index }));

  const entryGrowth = items.length * locationEntryBytes(located);
  const newList = listWith(listed, items);
  const references = parts.find(({ type }) => type === 'iref')?.bytes;
  const newReferences = referencesWith(references, items, primary);
  const growth =
    entryGrowth +
    (newList.length - listed.length) +
    (newReferences.length - (references?.length ?? 0));
  const metaEnd = meta.start + meta.bytes.length;
  const dataStart = avif.length + growth + boxHeaderBytes;
  const newLocations = locationsWith(located, items, { metaEnd, growth, dataStart });

  const children = parts.flatMap(({ type, bytes }) => {
    if (type === 'iloc') return [newLocations];
    if (type === 'iinf') return [newList];
    return type === 'iref' ? [] : [bytes];
  });
  const newMeta = boxOf(
    'meta',
    concatBytes(meta.bytes.subarray(boxHeaderBytes, fullHeaderBytes), ...children, newReferences),
  );
  return concatBytes(
    avif.subarray(0, meta.start),
    newMeta,
    avif.subarray(metaEnd),
    boxOf('mdat', concatBytes(...items.map(({ content }) => content))),
  );
}

function boxesIn(bytes: Uint8Array, from: number): readonly Box[] {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  for (let start = from; start + boxHeaderBytes <= bytes.length;) {
    const size = view.getUint32(start);
    if (size < boxHeaderBytes || start + size > bytes.length)
      throw new RangeError('The AVIF file has a box of a size that is not possible.');
    boxes.push({
      type: latin1Text(bytes.subarray(start + 4, start + 8)),
      start,
      bytes: bytes.subarray(start, start + size),
    });
    start += size;
  }
  return boxes;
}

function boxOf(type: string, content: Uint8Array): Uint8Array {
  const head = new Uint8Array(boxHeaderBytes);
  viewOf(head).setUint32(0, boxHeaderBytes + content.length);
  head.set(latin1Bytes(type), 4);
  return concatBytes(head, content);
}

/** Version 0 with fields of four bytes is what is written here; anything else is not understood. */
function baseBytesOf(located: Uint8Array): number {
  const version = located[boxHeaderBytes];
  const sizes = located[fullHeaderBytes];
  const base = (located[fullHeaderBytes + 1] ?? 0) >> 4;
  if (version !== 0 || sizes !== 0x44 || (base !== 0 && base !== 4))
    throw new RangeError('The AVIF file tells its places in an unknown way.');
  return base;
}

/** Of an item with one extent. */
function locationEntryBytes(located: Uint8Array): number {
  return 2 + 2 + baseBytesOf(located) + 2 + 8;
}

function itemIds(located: Uint8Array): readonly number[] {
  const ids: number[] = [];
  visitLocations(located, (id) => ids.push(id));
  return ids;
}

function visitLocations(
  located: Uint8Array,
  visit: (id: number, extentAt: number, baseAt: number | null) => void,
): void {
  const base = baseBytesOf(located);
  const view = viewOf(located);
  const count = view.getUint16(fullHeaderBytes + 2);
  let at = fullHeaderBytes + 4;
  for (let item = 0; item < count; item += 1) {
    const id = view.getUint16(at);
    const baseAt = at + 4;
    const extents = view.getUint16(baseAt + base);
    at = baseAt + base + 2;
    for (let extent = 0; extent < extents; extent += 1) {
      visit(id, at, base === 0 ? null : baseAt);
      at += 8;
    }
  }
}

function locationsWith(
  located: Uint8Array,
  items: readonly Item[],
  place: { readonly metaEnd: number; readonly growth: number; readonly dataStart: number },
): Uint8Array {
  const kept = Uint8Array.from(located);
  const view = viewOf(kept);
  visitLocations(located, (_id, extentAt, baseAt) => {
    const base = baseAt === null ? 0 : view.getUint32(baseAt);
    const offset = view.getUint32(extentAt);
    if (base + offset >= place.metaEnd) view.setUint32(extentAt, offset + place.growth);
  });
  view.setUint16(fullHeaderBytes + 2, view.getUint16(fullHeaderBytes + 2) + items.length);
  const base = baseBytesOf(located);
  let offset = place.dataStart;
  const entries = items.map(({ id, content }) => {
    const entry = new Uint8Array(locationEntryBytes(located));
    const own = viewOf(entry);
    own.setUint16(0, id);
    own.setUint16(4 + base, 1);
    own.setUint32(4 + base + 2, offset);
    own.setUint32(4 + base + 6, content.length);
    offset += content.length;
    return entry;
  });
  return boxOf('iloc', concatBytes(kept.subarray(boxHeaderBytes), ...entries));
}

function listWith(listed: Uint8Array, items: readonly Item[]): Uint8Array {
  if (listed[boxHeaderBytes] !== 0)
    throw new RangeError('The AVIF file lists its items in an unknown way.');
  const kept = Uint8Array.from(listed);
  const view = viewOf(kept);
  view.setUint16(fullHeaderBytes, view.getUint16(fullHeaderBytes) + items.length);
  const entries = items.map(({ id, described }) => {
    // Version 2: id, protection, then type and name.
    const head = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0);
    viewOf(head).setUint16(4, id);
    const type = described.subarray(0, 4);
    // The name is empty; what a MIME item holds follows it.
    return boxOf('infe', concatBytes(head, type, described.subarray(4)));
  });
  return boxOf('iinf', concatBytes(kept.subarray(boxHeaderBytes), ...entries));
}

/** Each new item describes the picture. */
function referencesWith(
  references: Uint8Array | undefined,
  items: readonly Item[],
  primary: number,
): Uint8Array {
  if (references && references[boxHeaderBytes] !== 0)
    throw new RangeError('The AVIF file refers to its items in an unknown way.');
  const entries = items.map(({ id }) => {
    const content = new Uint8Array(6);
    viewOf(content).setUint16(0, id);
    viewOf(content).setUint16(2, 1);
    viewOf(content).setUint16(4, primary);
    return boxOf('cdsc', content);
  });
  return boxOf(
    'iref',
    concatBytes(references?.subarray(boxHeaderBytes) ?? new Uint8Array(4), ...entries),
  );
}
