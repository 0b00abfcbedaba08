import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { insertChunks, isCompletePng, readPngText, textChunk, utf8Chunk } from './png-chunks.ts';

let png: Uint8Array;

beforeAll(async () => {
  png = await sharp({ create: { width: 5, height: 3, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
});

/** A chunk with any content; readers do not look at the checksum. */
function rawChunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(content, 8);
  return bytes;
}

/** Text that PNG can hold: no NUL, no half surrogate pairs. */
const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));

describe('PNG text chunks', () => {
  it('give any text back, and sharp reads them too', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (first, second) => {
        const written = insertChunks(png, [
          textChunk('parameters', first),
          utf8Chunk('atelier', second),
        ]);
        const read = readPngText(written);
        expect(read?.texts.get('parameters')).toBe(first);
        expect(read?.texts.get('atelier')).toBe(second);
        expect(read).toMatchObject({ width: 5, height: 3 });
        expect(isCompletePng(written)).toBe(true);
      }),
      { numRuns: 200 },
    );
    const written = insertChunks(png, [
      textChunk('parameters', 'über'),
      utf8Chunk('atelier', '猫'),
    ]);
    const { comments } = await sharp(written).metadata();
    expect(comments).toEqual([
      { keyword: 'parameters', text: expect.any(String) },
      { keyword: 'atelier', text: '猫' },
    ]);
  });

  it('are Latin-1 where that suffices and UTF-8 where it does not', () => {
    expect(Buffer.from(textChunk('parameters', 'Käse')).toString('latin1')).toContain(
      'tEXtparameters\0Käse',
    );
    expect(Buffer.from(textChunk('parameters', '猫')).toString('latin1')).toContain(
      'iTXtparameters\0',
    );
  });

  it('leave the pixels as they were', async () => {
    const written = insertChunks(png, [utf8Chunk('atelier', 'x'.repeat(100_000))]);
    expect(await sharp(written).raw().toBuffer()).toEqual(await sharp(png).raw().toBuffer());
  });

  it('are read when compressed, as zTXt and as iTXt', () => {
    const deflated = deflateSync(Buffer.from('steps'));
    const file = insertChunks(png, [
      rawChunk('zTXt', Buffer.concat([Buffer.from('one\0\0', 'latin1'), deflated])),
      rawChunk('iTXt', Buffer.concat([Buffer.from('two\0\x01\0en\0zwei\0', 'latin1'), deflated])),
    ]);
    expect([...(readPngText(file)?.texts ?? [])]).toEqual([
      ['one', 'steps'],
      ['two', 'steps'],
    ]);
  });

  it('keep the first of two chunks with one keyword', () => {
    const file = insertChunks(png, [
      textChunk('parameters', 'first'),
      textChunk('parameters', 'second'),
    ]);
    expect(readPngText(file)?.texts.get('parameters')).toBe('first');
  });

  it('are refused when they would inflate without bound', () => {
    const bomb = deflateSync(Buffer.alloc(64 * 2 ** 20));
    const file = insertChunks(png, [
      rawChunk('zTXt', Buffer.concat([Buffer.from('bomb\0\0', 'latin1'), bomb])),
    ]);
    expect(readPngText(file)?.texts.has('bomb')).toBe(false);
  });
});

describe('reading malformed files', () => {
  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readPngText(bytes)).toBeNull();
        expect(isCompletePng(bytes)).toBe(false);
      }),
    );
  });

  it('never throws when a good file is changed or cut anywhere', () => {
    const good = insertChunks(png, [
      textChunk('parameters', 'a\nSteps: 1'),
      utf8Chunk('atelier', '{"version":1}'),
    ]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(good.length),
        (changes, length) => {
          const bad = good.slice(0, length);
          for (const [at, byte] of changes) if (at < length) bad[at] = byte;
          readPngText(bad);
          isCompletePng(bad);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('does not believe a length that the file cannot hold', () => {
    const lying = Uint8Array.from(insertChunks(png, [textChunk('parameters', 'x')]));
    new DataView(lying.buffer).setUint32(33, 0xffff_fff0);
    expect(readPngText(lying)).toMatchObject({ width: 5, texts: new Map() });
    expect(isCompletePng(lying)).toBe(false);
  });

  it('takes a file that was cut off for incomplete', () => {
    expect(isCompletePng(png)).toBe(true);
    expect(isCompletePng(png.subarray(0, png.length - 1))).toBe(false);
    expect(() => insertChunks(png.subarray(0, 20), [])).toThrow(RangeError);
  });
});
