/** Ways of keeping metadata that Pillow does not write: put together here by hand, as the formats say. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recipeOf } from '../../library.fixture.ts';
import { readFileMetadata, readForeignMetadata } from '../file-metadata.ts';
import { xmpOf } from '../xmp.ts';

const golden = (name: string) => readFileSync(path.join(import.meta.dirname, '../golden', name));

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.of(0xff, marker, 0, 0);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

function packetOf(prompt: string) {
  const recipe = recipeOf({ prompt });
  const content = { creatorTool: 'Atelier', createdAt: recipe.createdAt, digitalSourceType: null };
  return { recipe, packet: Buffer.from(xmpOf({ ...content, recipeJson: JSON.stringify(recipe) })) };
}

describe('XMP that is too long for one segment of a JPEG', () => {
  const { recipe, packet } = packetOf('猫 '.repeat(30_000));
  const parts: Buffer[] = [];
  for (let at = 0; at < packet.length; at += 60_000) {
    const head = Buffer.alloc(40, 'A');
    head.writeUInt32BE(packet.length, 32);
    head.writeUInt32BE(at, 36);
    const start = Buffer.from('http://ns.adobe.com/xmp/extension/\0');
    parts.push(segment(0xe1, Buffer.concat([start, head, packet.subarray(at, at + 60_000)])));
  }
  const plain = golden('plain.jpg');
  const withParts = (own: readonly Buffer[]) =>
    readFileMetadata(Buffer.concat([plain.subarray(0, 2), ...own, plain.subarray(2)]));

  it('is put together, in whatever order its parts stand', () => {
    expect(parts.length).toBeGreaterThan(2);
    expect(withParts(parts.toReversed())).toMatchObject({ recipe, problems: [] });
  });

  it('is left where a part is missing', () => {
    expect(withParts(parts.slice(1))).toMatchObject({ recipe: null, program: null });
  });
});

it('XMP in a GIF lies between its blocks as it is', () => {
  const { recipe, packet } = packetOf('a cat');
  const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);
  const block = Buffer.concat([
    Buffer.of(0x21, 0xff, 11),
    Buffer.from('XMP DataXMP'),
    packet,
    trailer,
  ]);
  const gif = golden('web-ui.gif');
  const end = gif.length - 1;
  const read = readFileMetadata(Buffer.concat([gif.subarray(0, end), block, gif.subarray(end)]));
  expect(read).toMatchObject({ recipe, width: 24, height: 40, problems: [] });
});

describe('a file that is cut off or changed anywhere', () => {
  it.each([
    'web-ui-unicode.avif',
    'web-ui-unicode.jpg',
    'web-ui-lossless.webp',
    'web-ui.gif',
    'web-ui.tif',
    'draw-things.png',
    'novelai-stealth.png',
  ])('is read without an error: %s', async (name) => {
    const good = golden(name);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(good.length),
        async (changes, length) => {
          const bad = Buffer.from(good.subarray(0, length));
          for (const [at, byte] of changes) if (at < length) bad[at] = byte;
          await readForeignMetadata(bad);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is no picture where the bytes are any', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await readForeignMetadata(bytes)).toBeNull();
      }),
    );
  });
});
