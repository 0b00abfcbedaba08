/**
 * The user comment of EXIF, where files other than PNG carry the `parameters` text.
 * Source: CIPA DC-008 (EXIF 2.32), tag 37510; eight bytes name the character code.
 */
import { decodeText, decodeWide } from './text-encodings.ts';

const codeBytes = 8;
const unicodeCode = 'UNICODE\0';

/** @param isLittle the byte order of the directories around */
export function decodeComment(bytes: Uint8Array, isLittle: boolean): string {
  const code = Buffer.from(bytes.subarray(0, codeBytes)).toString('latin1');
  const text = bytes.subarray(codeBytes);
  if (code === unicodeCode) return decodeWide(text, isLittle);
  const hasCode = code === 'ASCII\0\0\0' || code === '\0'.repeat(codeBytes);
  return decodeText(hasCode ? text : bytes);
}

const softwareTag = 0x0131;
const exifPointer = 0x8769;
const versionTag = 0x9000;
const commentTag = 0x9286;
const entryBytes = 12;

/**
 * EXIF with the text as its user comment: `UNICODE` and UTF-16, in the byte order of the directories, which
 * is that of Motorola. This is what Stable Diffusion web UI writes and most programs read.
 * @param parametersText null leaves out the comment
 * @param software the program's name and version
 * @returns directories of TIFF, without the `Exif\0\0` that JPEG files have before them; the caller owns them
 */
export function exifOf(parametersText: string | null, software: string): Uint8Array {
  const name = Buffer.from(`${software}\0`, 'utf8');
  const comment = parametersText === null ? null : wideComment(parametersText);
  const root = 8;
  const second = root + 2 + 2 * entryBytes + 4;
  const secondEntries = comment ? 2 : 1;
  const nameAt = second + 2 + secondEntries * entryBytes + 4;
  // Values start at even offsets.
  const commentAt = nameAt + name.length + (name.length % 2);
  const bytes = Buffer.alloc(commentAt + (comment?.length ?? 0));
  bytes.write('MM\0*', 0, 'latin1');
  bytes.writeUInt32BE(root, 4);
  bytes.writeUInt16BE(2, root);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    bytes.writeUInt16BE(tag, at);
    bytes.writeUInt16BE(type, at + 2);
    bytes.writeUInt32BE(count, at + 4);
    bytes.writeUInt32BE(value, at + 8);
  };
  if (name.length > 4) {
    entry(root + 2, softwareTag, 2, name.length, nameAt);
    name.copy(bytes, nameAt);
  } else {
    entry(root + 2, softwareTag, 2, name.length, 0);
    name.copy(bytes, root + 2 + 8);
  }
  entry(root + 2 + entryBytes, exifPointer, 4, 1, second);
  bytes.writeUInt16BE(secondEntries, second);
  entry(second + 2, versionTag, 7, 4, Buffer.from('0232', 'latin1').readUInt32BE());
  if (comment) {
    entry(second + 2 + entryBytes, commentTag, 7, comment.length, commentAt);
    bytes.set(comment, commentAt);
  }
  return bytes;
}

function wideComment(text: string): Uint8Array {
  const letters = Buffer.from(text, 'utf16le').swap16();
  return Buffer.concat([Buffer.from(unicodeCode, 'latin1'), letters]);
}
