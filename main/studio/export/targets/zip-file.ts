/**
 * The parts of a ZIP file whose entries are stored: pictures are compressed already.
 *
 * Sizes and places beyond 32 bits, and more than 65,535 entries, are told in ZIP64.
 * Source: APPNOTE.TXT 6.3.10, §4.3–4.5.
 */

export interface ZipEntry {
  /** `/` between folders. */
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  /** Of its local header. */
  readonly at: number;
}

const most16 = 0xffff;
const most32 = 0xffff_ffff;
/** Bit 11: the name is UTF-8. */
const utf8Flag = 0x0800;
const versionStored = 20;
const versionZip64 = 45;
/** Made on Unix, so that the attributes are those of a file that its owner may write. */
const madeBy = (3 << 8) | versionZip64;
const fileAttributes = (0o100644 << 16) >>> 0;

/** What stands before the content of an entry. @param at milliseconds since 1970, shown in local time */
export function localHeader({ name, size, crc }: Omit<ZipEntry, 'at'>, at: number): Uint8Array {
  const nameBytes = Buffer.from(name);
  const isLarge = size >= most32;
  const extra = isLarge ? zip64Extra([size, size]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(isLarge ? versionZip64 : versionStored, 4);
  header.writeUInt16LE(utf8Flag, 6);
  header.writeUInt16LE(0, 8);
  header.writeUInt32LE(dosTime(at), 10);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(isLarge ? most32 : size, 18);
  header.writeUInt32LE(isLarge ? most32 : size, 22);
  header.writeUInt16LE(nameBytes.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, nameBytes, extra]);
}

/** One record of the directory at the end. */
export function directoryRecord({ name, size, crc, at }: ZipEntry, time: number): Uint8Array {
  const nameBytes = Buffer.from(name);
  const large = [...(size >= most32 ? [size, size] : []), ...(at >= most32 ? [at] : [])];
  const extra = large.length > 0 ? zip64Extra(large) : Buffer.alloc(0);
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(madeBy, 4);
  record.writeUInt16LE(large.length > 0 ? versionZip64 : versionStored, 6);
  record.writeUInt16LE(utf8Flag, 8);
  record.writeUInt32LE(dosTime(time), 12);
  record.writeUInt32LE(crc, 16);
  record.writeUInt32LE(Math.min(size, most32), 20);
  record.writeUInt32LE(Math.min(size, most32), 24);
  record.writeUInt16LE(nameBytes.length, 28);
  record.writeUInt16LE(extra.length, 30);
  record.writeUInt32LE(fileAttributes, 38);
  record.writeUInt32LE(Math.min(at, most32), 42);
  return Buffer.concat([record, nameBytes, extra]);
}

/** What stands behind the directory. @param start where the directory begins */
export function directoryEnd(entries: number, start: number, size: number): Uint8Array {
  const isLarge = entries >= most16 || start >= most32 || size >= most32;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries, most16), 8);
  end.writeUInt16LE(Math.min(entries, most16), 10);
  end.writeUInt32LE(Math.min(size, most32), 12);
  end.writeUInt32LE(Math.min(start, most32), 16);
  if (!isLarge) return end;
  const large = Buffer.alloc(56);
  large.writeUInt32LE(0x06064b50, 0);
  large.writeBigUInt64LE(44n, 4);
  large.writeUInt16LE(madeBy, 12);
  large.writeUInt16LE(versionZip64, 14);
  large.writeBigUInt64LE(BigInt(entries), 24);
  large.writeBigUInt64LE(BigInt(entries), 32);
  large.writeBigUInt64LE(BigInt(size), 40);
  large.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(start + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([large, locator, end]);
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  for (const [index, value] of values.entries())
    extra.writeBigUInt64LE(BigInt(value), 4 + index * 8);
  return extra;
}

/** Two seconds are one; years before 1980 and after 2107 cannot be told. */
function dosTime(at: number): number {
  const date = new Date(at);
  const year = Math.min(127, Math.max(0, date.getFullYear() - 1980));
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
  const day = (year << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  return ((day << 16) | time) >>> 0;
}
