import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Source } from '../../../../contract/image-options.ts';
import { prepareSource } from './source-picture.ts';

const side = 64;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-source-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A black picture, under a mask whose levels rise from left to right. */
async function prepareRamp(area: 'whole' | 'masked') {
  const files = { source: path.join(folder, 'source.png'), mask: path.join(folder, 'mask.png') };
  const levels = Uint8Array.from({ length: side * side }, (_, index) => (index % side) * 4);
  const raw = { width: side, height: side, channels: 1 } as const;
  await sharp(new Uint8Array(side * side), { raw })
    .png()
    .toFile(files.source);
  await sharp(levels, { raw }).png().toFile(files.mask);
  const mask = { picture: '0'.repeat(64), blurPx: 0, area, paddingPx: 512 };
  const source = Source.parse({ picture: '1'.repeat(64), mask });
  return prepareSource(source, files, { width: side, height: side });
}

it.each(['whole', 'masked'] as const)(
  'lays what was painted over the %s picture as softly as its mask was painted',
  async (area) => {
    const prepared = await prepareRamp(area);
    // What is denoised has an edge; half and more is painted.
    expect(prepared.mask?.levels.slice(0, side)).toEqual(
      Uint8Array.from({ length: side }, (_, x) => (x * 4 >= 128 ? 255 : 0)),
    );
    const white = { width: side, height: side, rgb: new Uint8Array(side * side * 3).fill(255) };
    const { rgb } = await prepared.finish(white);
    for (let x = 0; x < side; x += 1)
      expect(rgb[(32 * side + x) * 3], `column ${x}`).toBe(x * 4 >= 128 ? 255 : x * 4);
  },
);
