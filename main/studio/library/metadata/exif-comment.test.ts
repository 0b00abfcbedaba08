import { describe, expect, it } from 'vitest';
import { readExif } from './exif-directories.ts';
import { createTextBudget } from './text-budget.ts';

const text = '猫, a cat\nSteps: 2';

function readUserComment(exif: Uint8Array): string | null {
  const { texts } = readExif(exif, createTextBudget());
  return texts.find(({ place }) => place === 'exif:UserComment')?.text ?? null;
}

/** A directory with one entry that leads to another, whose one entry is the comment. */
function exifOf(comment: Uint8Array, isLittle: boolean): Uint8Array {
  const bytes = new Uint8Array(44 + comment.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isLittle ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, isLittle);
  view.setUint32(4, 8, isLittle);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    view.setUint16(at, 1, isLittle);
    view.setUint16(at + 2, tag, isLittle);
    view.setUint16(at + 4, type, isLittle);
    view.setUint32(at + 6, count, isLittle);
    view.setUint32(at + 10, value, isLittle);
  };
  entry(8, 0x8769, 4, 1, 26);
  entry(26, 0x9286, 7, comment.length, 44);
  bytes.set(comment, 44);
  return bytes;
}

function unicode(isLittle: boolean): Uint8Array {
  const bytes = new Uint8Array(8 + text.length * 2);
  bytes.set(new TextEncoder().encode('UNICODE\0'));
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index += 1)
    view.setUint16(8 + index * 2, text.charCodeAt(index), isLittle);
  return bytes;
}

describe('the user comment of EXIF', () => {
  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('is read in any byte order (directories %s, letters %s)', (directories, letters) => {
    expect(readUserComment(exifOf(unicode(letters), directories))).toBe(text);
  });

  it('is read as UTF-8 under any other code, and without one', () => {
    for (const code of ['ASCII\0\0\0', '\0'.repeat(8), ''])
      expect(readUserComment(exifOf(new TextEncoder().encode(code + text), true))).toBe(text);
  });

  it('is none in bytes that lead astray', () => {
    const whole = exifOf(unicode(true), true);
    for (let length = 0; length < 40; length += 1)
      expect(readUserComment(whole.subarray(0, length))).toBeNull();
    expect(readUserComment(new Uint8Array(64).fill(255))).toBeNull();
  });
});
