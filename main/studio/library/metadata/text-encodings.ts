/** Text whose encoding nothing tells for certain: programs do not agree, and do not keep to what they declare. */

/** UTF-8 where it is valid, else Latin-1; trailing NULs are padding. */
export function decodeText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  const own = bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(own);
  } catch {
    return Buffer.from(own.buffer, own.byteOffset, own.byteLength).toString('latin1');
  }
}

/**
 * UTF-16 of either byte order: the one with fewer odd letters is meant. Trailing NULs are padding.
 * @param isLittle where the letters do not tell
 */
export function decodeWide(bytes: Uint8Array, isLittle: boolean): string {
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
  const order = orderOf(even, isLittle);
  if (order === null) return decodeText(bytes);
  const text = new TextDecoder(order).decode(even);
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end -= 1;
  return text.slice(0, end);
}

/** Null where it is no UTF-16 at all: some write UTF-8 and call it Unicode. */
function orderOf(bytes: Uint8Array, isLittle: boolean): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  let zerosFirst = 0;
  let zerosLast = 0;
  // Halves of surrogate pairs without the other half, if that byte is the upper one.
  let strayFirst = 0;
  let strayLast = 0;
  let isOpenFirst = false;
  let isOpenLast = false;
  let isAscii = true;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const first = bytes[at] ?? 0;
    const last = bytes[at + 1] ?? 0;
    if (first === 0) zerosFirst += 1;
    if (last === 0) zerosLast += 1;
    if (isLowHalf(first) !== isOpenFirst) strayFirst += 1;
    if (isLowHalf(last) !== isOpenLast) strayLast += 1;
    isOpenFirst = isHighHalf(first);
    isOpenLast = isHighHalf(last);
    isAscii &&= isPrintable(first) && isPrintable(last);
  }
  if (zerosFirst !== zerosLast) return zerosLast > zerosFirst ? 'utf-16le' : 'utf-16be';
  if (strayFirst !== strayLast) return strayLast > strayFirst ? 'utf-16be' : 'utf-16le';
  if (isAscii && hasPair(bytes)) return null;
  return isLittle ? 'utf-16le' : 'utf-16be';
}

/** Letters of Latin could as well be half as many of Chinese; a colon and a space are hardly one by chance. */
function hasPair(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(': ');
}

const isHighHalf = (byte: number) => byte >= 0xd8 && byte <= 0xdb;
const isLowHalf = (byte: number) => byte >= 0xdc && byte <= 0xdf;
const isPrintable = (byte: number) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a;
