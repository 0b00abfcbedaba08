import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noDrawFiles, type DrawFiles } from '../../../../contract/engine.ts';
import { Mask, Source } from '../../../../contract/image-options.ts';
import { SchedulerName, type ImageSettings } from '../../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  neverAborted,
  openTestPool,
  relativeL2,
  settingsWith,
  type ImageEvent,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel } from '../image-model.ts';
import { drawImage } from './draw-image.ts';
import { interpolateLatents } from './interpolate-latents.ts';

const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    cases: z.array(
      z.object({
        kind: z.enum(['image-to-image', 'inpaint']),
        scheduler: SchedulerName,
        strength: z.number(),
        steps: z.number(),
        latents: z.array(z.number()),
      }),
    ),
    resized: z.array(
      z.object({
        method: z.enum(['nearest', 'bilinear', 'bicubic']),
        from: z.object({ width: z.number(), height: z.number() }),
        to: z.object({ width: z.number(), height: z.number() }),
        latents: z.array(z.number()),
        result: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-image-to-image.json'), 'utf8')));

const side = 64;
let test: TestPool;
let folder: string;
let files: DrawFiles;

/** The same pixels as in models/recipes/golden/tiny_image_to_image.py. */
const sourceBytes = Uint8Array.from({ length: side * side * 3 }, (_, index) => {
  const x = Math.floor(index / 3) % side;
  const y = Math.floor(index / 3 / side);
  return [x * 4, y * 4, (x * y) % 256][index % 3] ?? 0;
});
const maskBytes = Uint8Array.from({ length: side * side }, (_, index) => {
  const x = index % side;
  const y = Math.floor(index / side);
  return y >= 16 && y < 48 && x >= 24 ? 255 : 0;
});

beforeAll(async () => {
  test = await openTestPool();
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-source-'));
  const source = path.join(folder, 'source.png');
  const mask = path.join(folder, 'mask.png');
  await sharp(sourceBytes, { raw: { width: side, height: side, channels: 3 } }).toFile(source);
  await sharp(maskBytes, { raw: { width: side, height: side, channels: 1 } }).toFile(mask);
  files = { ...noDrawFiles, source, mask };
});

afterAll(async () => {
  await test[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const picture = 'a'.repeat(64);
const sourceWith = (change: Partial<z.input<typeof Source>> = {}) =>
  Source.parse({ picture, ...change });
const maskWith = (change: Partial<z.input<typeof Mask>> = {}) => Mask.parse({ picture, ...change });

async function draw(
  change: Partial<ImageSettings>,
  own: DrawFiles = files,
): Promise<{
  image: ImageEvent;
  latents: Float32Array;
  steps: readonly (readonly [number, number])[];
}> {
  const model = await loadImageModel({
    id: 'tiny',
    folder: path.join(goldenFolder, 'tiny-stable-diffusion'),
  });
  let latents = new Float32Array();
  const { image, events } = await collect(
    drawImage(test.pool, model, settingsWith(change), {
      signal: neverAborted,
      previewFactors: null,
      files: own,
      keepLatents: true,
      onDecoded: (decoded) => {
        latents = decoded.slice();
      },
    }),
  );
  const steps = events.flatMap((event) =>
    event.kind === 'step' ? [[event.step, event.steps] as const] : [],
  );
  return { image, latents, steps };
}

describe('a picture from a picture', () => {
  it.each(golden.cases)(
    'is what diffusers makes: $kind, $scheduler, strength $strength',
    async ({ kind, scheduler, strength, steps, latents: expected }) => {
      const { latents } = await draw(
        {
          prompt: golden.prompt,
          negativePrompt: golden.negativePrompt,
          seed: golden.seed,
          guidanceScale: 5,
          scheduler,
          steps,
          source: sourceWith({ strength, mask: kind === 'inpaint' ? maskWith() : null }),
        },
        kind === 'inpaint' ? files : { ...files, mask: null },
      );
      expect(relativeL2(latents, expected)).toBeLessThan(1e-3);
    },
  );

  it('counts the steps that are left, from 1', async () => {
    const { steps } = await draw(
      { steps: 8, source: sourceWith({ strength: 0.5 }) },
      { ...files, mask: null },
    );
    expect(steps).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
  });

  it('is the source itself, seen through the autoencoder, at strength 0', async () => {
    const own = { ...files, mask: null };
    const one = await draw({ seed: 1, source: sourceWith({ strength: 0 }) }, own);
    const other = await draw({ seed: 2, source: sourceWith({ strength: 0 }) }, own);
    expect(one.image.rgb).toEqual(other.image.rgb);
    expect(one.steps).toEqual([]);
  });

  it.each(['original', 'blurred', 'noise', 'blank'] as const)(
    'keeps every pixel outside the mask to the byte, filled with %s',
    async (fill) => {
      const { image } = await draw({
        source: sourceWith({ strength: 0.9, mask: maskWith({ blurPx: 2, fill }) }),
      });
      let changed = 0;
      for (let pixel = 0; pixel < side * side; pixel += 1) {
        const x = pixel % side;
        const y = Math.floor(pixel / side);
        // Beyond four standard deviations of the mask's blur.
        const isFar = x < 24 - 9 || y < 16 - 9 || y >= 48 + 9;
        for (let channel = 0; channel < 3; channel += 1) {
          const index = pixel * 3 + channel;
          if (isFar) expect(image.rgb[index]).toBe(sourceBytes[index]);
          else if (image.rgb[index] !== sourceBytes[index]) changed += 1;
        }
      }
      expect(changed).toBeGreaterThan(1000);
    },
  );

  it('paints a crop around the mask at the size asked for and puts it back', async () => {
    const large = path.join(folder, 'large.png');
    const spot = path.join(folder, 'spot.png');
    const [width, height] = [200, 150];
    const bytes = Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 7) % 256);
    await sharp(bytes, { raw: { width, height, channels: 3 } }).toFile(large);
    const level = Uint8Array.from({ length: width * height }, (_, index) =>
      Math.hypot((index % width) - 150, Math.floor(index / width) - 100) < 12 ? 255 : 0,
    );
    await sharp(level, { raw: { width, height, channels: 1 } }).toFile(spot);
    const { image } = await draw(
      { source: sourceWith({ mask: maskWith({ area: 'masked', paddingPx: 8, blurPx: 1 }) }) },
      { ...files, source: large, mask: spot },
    );
    expect([image.width, image.height]).toEqual([width, height]);
    const differs = (x: number, y: number) =>
      [0, 1, 2].some((c) => image.rgb[(y * width + x) * 3 + c] !== bytes[(y * width + x) * 3 + c]);
    expect(differs(150, 100)).toBe(true);
    for (const [x, y] of [
      [10, 10],
      [150, 60],
      [110, 100],
      [199, 149],
    ] as const)
      expect(differs(x, y)).toBe(false);
  });

  it('extends the canvas and paints what was added', async () => {
    const { image } = await draw(
      {
        width: 96,
        source: sourceWith({
          strength: 1,
          extend: { left: 0, top: 0, right: 32, bottom: 0 },
          mask: null,
        }),
      },
      { ...files, mask: null },
    );
    expect([image.width, image.height]).toEqual([96, 64]);
    for (let y = 0; y < side; y += 7)
      expect(image.rgb[(y * 96 + 20) * 3]).toBe(sourceBytes[(y * side + 20) * 3]);
  });

  it('refuses a mask of another size, an empty one and a file that is no picture', async () => {
    const small = path.join(folder, 'small.png');
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } }).toFile(small);
    const source = sourceWith({ mask: maskWith() });
    await expect(draw({ source }, { ...files, mask: small })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('8 × 8'),
    });
    const black = path.join(folder, 'black.png');
    await sharp({ create: { width: side, height: side, channels: 3, background: '#000' } }).toFile(
      black,
    );
    await expect(draw({ source }, { ...files, mask: black })).rejects.toThrow(/mask is empty/);
    await expect(
      draw({ source }, { ...files, source: path.join(goldenFolder, 'tiny-image-to-image.json') }),
    ).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('cannot be read'),
    });
  });
});

describe('variations', () => {
  it('lie between two seeds, and begin with the own one', async () => {
    const own = await draw({ seed: 5 }, noDrawFiles);
    const other = await draw({ seed: 9 }, noDrawFiles);
    const none = await draw({ seed: 5, variation: [{ seed: 9, strength: 0 }] }, noDrawFiles);
    const all = await draw({ seed: 5, variation: [{ seed: 9, strength: 1 }] }, noDrawFiles);
    expect(none.image.rgb).toEqual(own.image.rgb);
    expect(relativeL2(all.latents, [...other.latents])).toBeLessThan(1e-4);
  });

  it('go on from each other, and the same list always gives the same bytes', async () => {
    const first = { seed: 9, strength: 0.3 };
    const chain = [first, { seed: 10, strength: 0.2 }];
    const one = await draw({ seed: 5, variation: [first] }, noDrawFiles);
    const both = await draw({ seed: 5, variation: chain }, noDrawFiles);
    const again = await draw({ seed: 5, variation: chain }, noDrawFiles);
    const turned = await draw({ seed: 5, variation: chain.toReversed() }, noDrawFiles);
    expect(again.image.rgb).toEqual(both.image.rgb);
    expect(both.image.rgb).not.toEqual(one.image.rgb);
    expect(both.image.rgb).not.toEqual(turned.image.rgb);
  });
});

describe('a larger second pass', () => {
  it.each(golden.resized)(
    'enlarges latents as torch does: $method',
    ({ method, from, to, latents, result }) => {
      const own = interpolateLatents(Float32Array.from(latents), from, to, method);
      expect(relativeL2(own, result)).toBeLessThan(1e-5);
    },
  );

  it.each(['latent-bilinear', 'lanczos'])(
    'ends at the larger size and counts both passes, by %s',
    async (upscaler) => {
      const { image, steps } = await draw(
        { steps: 4, hiresFix: { scale: 1.5, steps: null, strength: 0.5, upscaler } },
        noDrawFiles,
      );
      expect([image.width, image.height]).toEqual([96, 96]);
      expect(steps).toEqual([
        [1, 6],
        [2, 6],
        [3, 6],
        [4, 6],
        [5, 6],
        [6, 6],
      ]);
    },
  );

  it('refuses an upscaler that there is not', async () => {
    const hiresFix = { scale: 2, steps: null, strength: 0.5, upscaler: 'magic' };
    await expect(draw({ hiresFix }, noDrawFiles)).rejects.toThrow(/no upscaler "magic"/);
  });

  it('enlarges a finished picture without denoising it', async () => {
    const { image } = await draw({ upscale: { upscaler: 'lanczos', scale: 3 } }, noDrawFiles);
    expect([image.width, image.height]).toEqual([192, 192]);
  });
});

describe('a branch', () => {
  it.each(['ddim', 'euler-ancestral', 'heun'] as const)(
    'with the same settings ends in nearly the same picture: %s',
    async (scheduler) => {
      const model = await loadImageModel({
        id: 'tiny',
        folder: path.join(goldenFolder, 'tiny-stable-diffusion'),
      });
      const settings = settingsWith({ steps: 6, scheduler });
      const { events } = await collect(
        drawImage(test.pool, model, settings, {
          signal: neverAborted,
          previewFactors: null,
          keepLatents: true,
        }),
      );
      const whole = await draw({ steps: 6, scheduler }, noDrawFiles);
      const kept = events.find((event) => event.kind === 'step' && event.step === 3);
      if (kept?.kind !== 'step' || !kept.latents) throw new Error('No latents were kept.');
      const branched = await draw(
        { steps: 6, scheduler, branch: { imageId: crypto.randomUUID(), step: 3 } },
        { ...noDrawFiles, branch: kept.latents },
      );
      // float16 keeps 11 bits.
      expect(relativeL2(branched.latents, [...whole.latents])).toBeLessThan(5e-3);
      expect(branched.steps[0]).toEqual([4, 6]);
    },
  );

  it('of another size is refused', async () => {
    const branch = { width: 4, height: 4, channels: 4, values: new Uint8Array(128) };
    await expect(
      draw({ branch: { imageId: crypto.randomUUID(), step: 1 } }, { ...noDrawFiles, branch }),
    ).rejects.toMatchObject({ code: 'bad-request' });
  });
});
