/**
 * The user comment of EXIF, where JPEG and WebP files carry what PNG files have as `parameters`.
 * Source: CIPA DC-008 (EXIF 2.32), §4.6.2 (directories) and tag 37510; eight bytes name the character code.
 */
const exifPointer = 0x8769;
const userComment = 0x9286;
const entryBytes = 12;
const codeBytes = 8;

/** @param exif as it lies in the file, with or without its `Exif\0\0` @returns null where there is none, or the directories lead astray */
export function readUserComment(exif: Uint8Array): string | null {
  const hasPrefix = String.fromCharCode(...exif.subarray(0, 4)) === 'Exif';
  const tiff = hasPrefix ? exif.subarray(6) : exif;
  try {
    const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
    const isLittle = view.getUint16(0) === 0x4949;
    const comment = entryOf(view, isLittle, view.getUint32(4, isLittle), exifPointer)?.at ?? null;
    if (comment === null) return null;
    const found = entryOf(view, isLittle, view.getUint32(comment, isLittle), userComment);
    if (!found) return null;
    const start = found.count > 4 ? view.getUint32(found.at, isLittle) : found.at;
    return decode(tiff.subarray(start, start + found.count), isLittle);
  } catch (error) {
    // What points outside the bytes is no directory.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Where the value of a tag stands, or the offset to it. */
function entryOf(view: DataView, isLittle: boolean, directory: number, tag: number) {
  const count = view.getUint16(directory, isLittle);
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 2 + index * entryBytes;
    if (view.getUint16(entry, isLittle) === tag)
      return { count: view.getUint32(entry + 4, isLittle), at: entry + 8 };
  }
  return null;
}

/** Programs do not agree on the byte order of Unicode: the one with fewer odd letters is meant. */
function decode(bytes: Uint8Array, isLittle: boolean): string | null {
  const code = String.fromCharCode(...bytes.subarray(0, codeBytes));
  const text = bytes.subarray(codeBytes);
  if (code === 'UNICODE\0') {
    const zerosFirst = text.filter((byte, index) => byte === 0 && index % 2 === 0).length;
    const zerosLast = text.filter((byte, index) => byte === 0 && index % 2 === 1).length;
    const little = zerosFirst === zerosLast ? isLittle : zerosLast > zerosFirst;
    return trimmed(new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(text));
  }
  const hasCode = code === 'ASCII\0\0\0' || code === '\0'.repeat(codeBytes);
  return trimmed(new TextDecoder().decode(hasCode ? text : bytes));
}

function trimmed(text: string): string | null {
  return text.replace(/\0+$/, '').trim() || null;
}
