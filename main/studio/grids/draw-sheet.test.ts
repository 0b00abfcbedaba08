import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawSheet } from './draw-sheet.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-sheet-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function plainPicture(red: number, width: number, height = width): Promise<string> {
  const file = path.join(folder, `${red}-${width}-${height}.png`);
  const background = { r: red, g: 0, b: 0 };
  await sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toFile(file);
  return file;
}

const never = new AbortController().signal;

/** How many pixels of pure red of that strength there are. */
function area({ rgb }: { readonly rgb: Uint8Array }, red: number): number {
  let found = 0;
  for (let index = 0; index < rgb.length; index += 3)
    if (rgb[index] === red && rgb[index + 1] === 0 && rgb[index + 2] === 0) found += 1;
  return found;
}

describe('a sheet', () => {
  it('shows each picture once, in rows and blocks', async () => {
    const files = await Promise.all(
      [50, 60, 70, 80, 90, 100, 110, 120].map((red) => plainPicture(red, 96)),
    );
    const sheet = await drawSheet(
      {
        labels: [
          ['a', 'b'],
          ['1', '2'],
          ['first', 'second'],
        ],
        files,
      },
      never,
    );
    for (const red of [50, 60, 70, 80, 90, 100, 110, 120]) expect(area(sheet, red)).toBe(96 * 96);
    const at = (red: number) => {
      const pixel =
        sheet.rgb.findIndex(
          (value, index) => index % 3 === 0 && value === red && sheet.rgb[index + 1] === 0,
        ) / 3;
      return { x: pixel % sheet.width, y: Math.floor(pixel / sheet.width) };
    };
    expect(at(60).y).toBe(at(50).y);
    expect(at(70).x).toBe(at(50).x);
    expect(at(90).y).toBeGreaterThan(at(80).y + 96);
  });

  it('keeps relative sizes, and leaves the place of a picture that is gone empty', async () => {
    const files = [await plainPicture(50, 128), null, await plainPicture(70, 64, 32)];
    const sheet = await drawSheet({ labels: [['a', 'b', 'c'], [''], ['']], files }, never);
    expect(area(sheet, 50)).toBe(128 * 128);
    expect(area(sheet, 70)).toBe(64 * 32);
  });

  it('wraps long labels, in any script and with signs that mean something in XML', async () => {
    const files = [await plainPicture(50, 128)];
    const height = async (label: string) =>
      (await drawSheet({ labels: [[label], [''], ['']], files }, never)).height;
    const short = await height('a');
    expect(
      await height('<b>&"a very long label</b> that needs some lines, \0 猫 кот'),
    ).toBeGreaterThan(short + 20);
    expect(await height('x'.repeat(10_000))).toBeLessThan(short + 2000);
  });

  it('becomes smaller as a whole where it would be too large', async () => {
    const large = await plainPicture(50, 2048);
    const small = await plainPicture(70, 1024);
    const sheet = await drawSheet(
      {
        labels: [['a', 'b', 'c', 'd'], ['1', '2', '3', '4'], ['']],
        files: Array.from({ length: 16 }, (_, index) => (index === 3 ? small : large)),
      },
      never,
    );
    expect(sheet.width * sheet.height).toBeLessThan(32_000_000);
    expect(area(sheet, 50) / 15 / area(sheet, 70)).toBeCloseTo(4, 1);
  });

  it('ends when it is cancelled', async () => {
    const files = [await plainPicture(50, 64)];
    await expect(
      drawSheet({ labels: [['a'], [''], ['']], files }, AbortSignal.abort()),
    ).rejects.toThrow(/abort/i);
  });
});
