/**
 * Directories of a TIFF file, in its own byte order, among them that of EXIF with a user comment.
 * Source: CIPA DC-008 (EXIF 2.32), §4.6.2 and tag 37510; TIFF 6.0, §2.
 */
import { concatBytes, latin1Bytes, viewOf } from '../../library/metadata/bytes.ts';

const softwareTag = 0x0131;
const exifVersionTag = 0x9000;
const userCommentTag = 0x9286;

/** A value of a directory, in the file's byte order. */
export interface TagValue {
  readonly tag: number;
  readonly type: 'ascii' | 'long' | 'undefined' | 'byte';
  readonly bytes: Uint8Array;
}

const typeCodes = { byte: 1, ascii: 2, long: 4, undefined: 7 } as const;
const entryBytes = 12;

export function softwareValue(software: string): TagValue {
  return { tag: softwareTag, type: 'ascii', bytes: latin1Bytes(`${software}\0`) };
}

/** The values of the EXIF directory. */
export function commentValues(parameters: string, isLittle: boolean): readonly TagValue[] {
  const letters = new Uint8Array(parameters.length * 2);
  const view = viewOf(letters);
  for (let index = 0; index < parameters.length; index += 1)
    view.setUint16(index * 2, parameters.charCodeAt(index), isLittle);
  return [
    { tag: exifVersionTag, type: 'undefined', bytes: latin1Bytes('0232') },
    {
      tag: userCommentTag,
      type: 'undefined',
      bytes: concatBytes(latin1Bytes('UNICODE\0'), letters),
    },
  ];
}

export function longBytes(value: number, isLittle: boolean): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, isLittle);
  return bytes;
}

/**
 * A directory that is the last of its chain, and the values that do not fit into its entries.
 * @param values in the order of their tags @param start where it will stand in the file; even
 * @returns an even number of bytes
 */
export function directory(
  values: readonly TagValue[],
  start: number,
  isLittle: boolean,
): Uint8Array {
  const head = new Uint8Array(2 + values.length * entryBytes + 4);
  const view = viewOf(head);
  const behind: Uint8Array[] = [];
  let end = start + head.length;
  view.setUint16(0, values.length, isLittle);
  for (const [index, { tag, type, bytes }] of values.entries()) {
    const at = 2 + index * entryBytes;
    view.setUint16(at, tag, isLittle);
    view.setUint16(at + 2, typeCodes[type], isLittle);
    view.setUint32(at + 4, type === 'long' ? bytes.length / 4 : bytes.length, isLittle);
    if (bytes.length <= 4) {
      head.set(bytes, at + 8);
      continue;
    }
    view.setUint32(at + 8, end, isLittle);
    behind.push(bytes, new Uint8Array(bytes.length % 2));
    end += bytes.length + (bytes.length % 2);
  }
  return concatBytes(head, ...behind);
}
