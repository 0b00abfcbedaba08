import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInputs, type Inputs } from './inputs.ts';

let folder: string;
let inputs: Inputs;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-inputs-'));
  inputs = createInputs(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#c06030' } });

describe('an input picture', () => {
  it('is kept once, under the hash of what is kept', async () => {
    const bytes = await plain(40, 30).png().toBuffer();
    const first = await inputs.add(bytes);
    const second = await inputs.add(bytes);
    expect(second).toEqual(first);
    expect(first).toMatchObject({ width: 40, height: 30, url: `/asset/input/${first.hash}` });
    expect(await readdir(path.join(folder, 'inputs'))).toEqual([`${first.hash}.png`]);
    const { path: file, etag } = await inputs.resolveAsset(first.hash);
    expect(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ).toBe(etag);
    expect(await inputs.get(first.hash)).toEqual(first);
  });

  it.each(['jpeg', 'webp', 'avif', 'tiff', 'gif'] as const)('may come as %s', async (format) => {
    const bytes = await plain(16, 8).toFormat(format).toBuffer();
    expect(await inputs.add(bytes)).toMatchObject({ width: 16, height: 8 });
  });

  it('is turned upright and loses what a camera wrote into it', async () => {
    const photograph = await plain(20, 10)
      .withExif({ IFD0: { Artist: 'Somebody', Copyright: 'somewhere' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { hash, width, height } = await inputs.add(photograph);
    expect([width, height]).toEqual([10, 20]);
    const kept = await sharp((await inputs.resolveAsset(hash)).path).metadata();
    expect(kept.exif).toBeUndefined();
    expect(kept.orientation).toBeUndefined();
  });

  it('stays when the picture it came from is gone', async () => {
    const file = path.join(folder, 'picture.png');
    const bytes = await plain(12, 12).png().toBuffer();
    await writeFile(file, bytes);
    const hash = createHash('sha256').update(bytes).digest('hex');
    await inputs.keep(file, hash);
    await rm(file);
    expect(await inputs.get(hash)).toMatchObject({ width: 12, height: 12 });
  });

  it('is refused where it is no picture, cut off, or larger than can be used', async () => {
    const whole = await sharp({
      create: {
        width: 300,
        height: 300,
        channels: 3,
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
        background: '#000',
      },
    })
      .png()
      .toBuffer();
    for (const bytes of [
      new Uint8Array(),
      new TextEncoder().encode('<svg onload="alert(1)">'),
      whole.subarray(0, 20_000),
    ]) {
      await expect(inputs.add(bytes)).rejects.toMatchObject({ code: 'bad-request' });
    }
    // A header that claims 100,000 × 100,000 pixels.
    const giant = Buffer.from(await plain(1, 1).png().toBuffer());
    giant.writeUInt32BE(100_000, 16);
    giant.writeUInt32BE(100_000, 20);
    await expect(inputs.add(giant)).rejects.toMatchObject({
      code: expect.stringMatching(/too-large|bad-request/),
    });
    await expect(readdir(path.join(folder, 'inputs'))).rejects.toThrow();
  });

  it('cannot be asked for by anything but a hash', async () => {
    await expect(inputs.get('../secret')).rejects.toThrow();
    await expect(inputs.get('0'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
  });
});
