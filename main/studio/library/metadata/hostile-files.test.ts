/** Files that somebody made to hurt whoever reads them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseBoundedJson } from './bounded-json.ts';
import { exifOf } from './exif-comment.ts';
import { readFileMetadata, readForeignMetadata, sizeProblem } from './file-metadata.ts';
import { exifChunk, insertChunks, textChunk, utf8Chunk } from './png-chunks.ts';
import { maxTextBytes } from './text-budget.ts';
import { readXmp } from './xmp-reader.ts';
import { xmpKeyword } from './xmp.ts';

const png = readFileSync(path.join(import.meta.dirname, 'golden/plain.png'));

/** Readers do not look at checksums. */
function rawChunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(content, 8);
  return bytes;
}

function packedChunk(keyword: string, text: string | Uint8Array): Uint8Array {
  return rawChunk('zTXt', Buffer.concat([Buffer.from(`${keyword}\0\0`), deflateSync(text)]));
}

describe('a picture that claims to be larger than any', () => {
  const huge = Buffer.from(png);
  huge.writeUInt32BE(100_000, 16);
  huge.writeUInt32BE(100_000, 20);

  it('is found out by its header', async () => {
    const read = await readForeignMetadata(huge);
    expect(read).toMatchObject({ width: 100_000, height: 100_000 });
    expect(read?.problems[0]).toBe(
      'The file claims to be 100,000 × 100,000 pixels large. Pictures of more than 268 million pixels are not opened.',
    );
    expect(sizeProblem(16_383, 16_383)).toBeNull();
  });

  it('still gives its texts', async () => {
    const text = 'a cat\nSteps: 2, Sampler: Euler, Seed: 1';
    const read = await readForeignMetadata(insertChunks(huge, [utf8Chunk('parameters', text)]));
    expect(read?.understood).toMatchObject({ prompt: 'a cat', seed: 1 });
  });
});

describe('texts that unpack to very much', () => {
  it('are refused and told, and the others are read', () => {
    const bomb = Buffer.alloc(64 * 2 ** 20);
    const read = readFileMetadata(
      insertChunks(png, [
        packedChunk('Comment', bomb),
        packedChunk('parameters', 'a cat\nSteps: 2, Sampler: Euler, Seed: 1'),
      ]),
    );
    expect(read?.understood?.prompt).toBe('a cat');
    expect(read?.problems).toEqual([
      'The text “Comment” is damaged or too long when unpacked; it was not read.',
    ]);
  });

  it('are bounded all together', () => {
    const part = Buffer.alloc(3 * 2 ** 20, 0x61);
    const read = readFileMetadata(
      insertChunks(
        png,
        ['a', 'b', 'c', 'd'].map((keyword) => packedChunk(keyword, part)),
      ),
    );
    expect(read?.rawTexts.map(({ place }) => place)).toEqual(['png:a', 'png:b']);
    expect(read?.problems).toHaveLength(2);
  });

  it('are refused in pixels too', async () => {
    const bits = Buffer.concat([
      Buffer.from('stealth_pngcomp'),
      Buffer.from([0, 0, 0, 0]),
      gzipSync(Buffer.alloc(16 * 2 ** 20)),
    ]);
    bits.writeUInt32BE((bits.length - 19) * 8, 15);
    const read = await readForeignMetadata(hiddenIn(bits));
    expect(read?.problems).toEqual([
      'The text hidden in the pixels is damaged or too long when unpacked; it was not read.',
    ]);
  });

  it('may lie about their length in pixels', async () => {
    const bits = Buffer.concat([Buffer.from('stealth_pngcomp'), Buffer.alloc(4, 0xf8), png]);
    const read = await readForeignMetadata(hiddenIn(bits));
    expect(read).toMatchObject({
      told: null,
      problems: ['The text hidden in the pixels has an impossible length; it was not read.'],
    });
  });
});

describe('texts that are longer than is read of one file', () => {
  const long = 'x'.repeat(maxTextBytes + 1);
  const golden = (name: string) => readFileSync(path.join(import.meta.dirname, 'golden', name));
  const parts = (text: string, length: number) =>
    Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
      Buffer.from(text.slice(index * length, (index + 1) * length), 'latin1'),
    );

  function jpegWithComments(): Uint8Array {
    const jpeg = golden('plain.jpg');
    const comments = parts(long, 65_000).map((content) => {
      const head = Buffer.of(0xff, 0xfe, 0, 0);
      head.writeUInt16BE(content.length + 2, 2);
      return Buffer.concat([head, content]);
    });
    return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
  }

  function gifWithComment(): Uint8Array {
    const gif = golden('web-ui.gif');
    const blocks = parts(long, 255).flatMap((content) => [Buffer.of(content.length), content]);
    const comment = Buffer.concat([Buffer.of(0x21, 0xfe), ...blocks, Buffer.of(0)]);
    return Buffer.concat([gif.subarray(0, -1), comment, gif.subarray(-1)]);
  }

  function webpWithPacket(): Uint8Array {
    const webp = golden('web-ui-lossless.webp');
    const head = Buffer.from('XMP \0\0\0\0', 'latin1');
    head.writeUInt32LE(long.length, 4);
    return Buffer.concat([webp, head, Buffer.from(long, 'latin1'), Buffer.of(0)]);
  }

  it.each([
    ['tEXt', insertChunks(png, [textChunk('big', long)]), /text “big” is damaged or too long/],
    ['iTXt', insertChunks(png, [utf8Chunk('big', long)]), /text “big” is damaged or too long/],
    [
      'EXIF',
      insertChunks(png, [exifChunk(exifOf(long, 'Atelier'))]),
      /EXIF text UserComment is too long/,
    ],
    ['comments of a JPEG', jpegWithComments(), /JPEG comment is too long/],
    ['a comment of a GIF', gifWithComment(), /GIF comment is too long/],
    ['XMP', webpWithPacket(), /XMP packet is too long/],
  ])('are told and not read, and the picture is: %s', (_, bytes, problem) => {
    const read = readFileMetadata(bytes);
    expect(read?.problems.some((told) => problem.test(told))).toBe(true);
    expect(read?.rawTexts.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(
      maxTextBytes,
    );
    expect(read).toMatchObject({ width: 24, height: 40 });
  });

  it('leave room for those that are short, and are kept where only their meaning is not read', () => {
    const settings = 'a cat\nSteps: 2, Sampler: Euler, Seed: 1';
    const chunks = [utf8Chunk('big', long), utf8Chunk('parameters', settings)];
    expect(readFileMetadata(insertChunks(png, chunks))?.understood?.prompt).toBe('a cat');
    const prose = `${'x'.repeat(2 ** 18)}\nSteps: 2, Sampler: Euler, Seed: 1`;
    const read = readFileMetadata(insertChunks(png, [utf8Chunk('parameters', prose)]));
    expect(read).toMatchObject({ told: null, parameters: prose });
    expect(read?.problems).toEqual([
      'The text of png:parameters is too long to be read for its meaning.',
    ]);
  });
});

/** A picture of one column, in whose alpha channel the bits are. */
function hiddenIn(bits: Buffer): Uint8Array {
  const height = bits.length * 8;
  const pixels = Buffer.alloc(height * 5);
  for (let y = 0; y < height; y += 1)
    pixels[y * 5 + 4] = ((bits[y >> 3] ?? 0) >> (7 - (y & 7))) & 1;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(1, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    png.subarray(0, 8),
    rawChunk('IHDR', header),
    rawChunk('IDAT', deflateSync(pixels)),
    rawChunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('entities in XMP', () => {
  const declaration =
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY file SYSTEM "file:///etc/passwd">]>';

  it('are never expanded, neither those within nor those of other files', () => {
    const read = readXmp(
      `${declaration}<x xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>&b;&file;&amp;</dc:description></x>`,
    );
    expect(read.description).toBe('&b;&file;&');
    expect(read.problems).toEqual(['The XMP packet declares entities; they were not expanded.']);
  });

  it('are told with the raw packet kept', () => {
    const read = readFileMetadata(insertChunks(png, [utf8Chunk(xmpKeyword, declaration)]));
    expect(read?.rawTexts).toEqual([{ place: 'xmp', text: declaration }]);
    expect(read?.problems).toHaveLength(1);
  });
});

describe('EXIF directories that lead astray', () => {
  const good = Buffer.from(exifOf('a cat\nSteps: 2, Sampler: Euler, Seed: 1', 'Atelier'));
  const secondAt = good.indexOf(Buffer.of(0x87, 0x69));

  it.each([
    ['in a circle', 8],
    ['to the end', good.length - 1],
    ['beyond the end', 0xffff_fff0],
  ])('are left: %s', (_, place) => {
    const bad = Buffer.from(good);
    bad.writeUInt32BE(place, secondAt + 8);
    const read = readFileMetadata(insertChunks(png, [exifChunk(bad)]));
    expect(read).toMatchObject({ told: null, width: 24 });
  });

  it('give nothing of values that lie outside of the file, and say so', () => {
    const bad = Buffer.from(good);
    bad.writeUInt32BE(0x7fff_ffff, bad.indexOf(Buffer.of(0x92, 0x86)) + 4);
    const read = readFileMetadata(insertChunks(png, [exifChunk(bad)]));
    expect(read?.problems).toEqual([
      'The EXIF value 0x9286 lies outside of the file; it was not read.',
    ]);
    expect(read?.rawTexts).toEqual([{ place: 'exif:Software', text: 'Atelier' }]);
  });
});

describe('JSON that is too much', () => {
  it.each([
    ['nested too deeply', '['.repeat(101) + ']'.repeat(101), 'it is nested too deeply'],
    ['of too many values', `[${'1,'.repeat(100_001)}1]`, 'it holds too many values'],
    ['too long', `"${'x'.repeat(4 * 2 ** 20)}"`, 'it is too long'],
    ['broken off', '{"a":', 'it is damaged'],
  ])('is refused: %s', (_, text, problem) => {
    expect(parseBoundedJson(text)).toEqual({ value: null, problem });
  });

  it('is read with what Python writes and JSON has not, and with every digit of a seed', () => {
    const text =
      '{"a":[NaN,-Infinity,"NaN, -Infinity 12345678901234567890"],"seed":18446744073709551615,"safe":9007199254740991,"b":0.1234567890123456}';
    expect(parseBoundedJson(text).value).toEqual({
      a: [null, null, 'NaN, -Infinity 12345678901234567890'],
      seed: '18446744073709551615',
      safe: Number.MAX_SAFE_INTEGER,
      b: 0.1234567890123456,
    });
  });

  it('stays as raw text, with a sentence about it', () => {
    const text = `{"prompt":${'['.repeat(5000)}`;
    const read = readFileMetadata(insertChunks(png, [utf8Chunk('prompt', text)]));
    expect(read?.rawTexts).toEqual([{ place: 'png:prompt', text }]);
    expect(read?.problems).toEqual([
      'The graph of png:prompt was not read: it is nested too deeply.',
    ]);
  });
});

describe('a graph of ComfyUI', () => {
  const node = (type: string, inputs: object) => ({ class_type: type, inputs });
  const readGraph = (graph: object) =>
    readFileMetadata(insertChunks(png, [utf8Chunk('prompt', JSON.stringify(graph))]));

  it('may go in circles', () => {
    const read = readGraph({
      1: node('SaveImage', { images: ['2', 0] }),
      2: node('KSampler', {
        model: ['3', 0],
        positive: ['4', 0],
        latent_image: ['2', 0],
        seed: ['5', 0],
        steps: 3,
      }),
      3: node('LoraLoader', { model: ['3', 0], lora_name: 'ink.safetensors' }),
      4: node('ConditioningCombine', { conditioning_1: ['4', 0], conditioning_2: ['6', 0] }),
      5: node('Reroute', { '': ['5', 0], value: ['5', 0] }),
      6: node('CLIPTextEncode', { text: ['7', 0], clip: ['6', 0] }),
      7: node('StringConcatenate', { string_a: ['7', 0], string_b: 'a cat' }),
    });
    expect(read?.understood).toMatchObject({ prompt: 'a cat', steps: 3, seed: null });
  });

  it('may lead to one text in more ways than can be counted', () => {
    const last = 60;
    const chain = Object.fromEntries(
      Array.from({ length: last }, (_, index) => [
        String(index + 10),
        node('StringConcatenate', {
          string_a: [String(index + 11), 0],
          string_b: [String(index + 11), 0],
        }),
      ]),
    );
    const read = readGraph({
      ...chain,
      [String(last + 10)]: node('StringConcatenate', { string_a: 'x' }),
      1: node('SaveImage', { images: ['2', 0] }),
      2: node('KSampler', { positive: ['3', 0] }),
      3: node('CLIPTextEncode', { text: ['10', 0] }),
    });
    expect(read?.problems).toEqual(['The graph of ComfyUI is too tangled to be read to its end.']);
  });

  it('is told where no sampler is known', () => {
    const read = readGraph({ 1: node('SaveImage', { images: ['2', 0] }), 2: node('Magic', {}) });
    expect(read?.problems).toEqual(['The graph of ComfyUI has no sampler that is known here.']);
  });
});
