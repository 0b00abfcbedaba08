/** Pipelines that take other parts: inpainting models, upscalers, autoencoders, refiners, tiles. */
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noDrawFiles, type DrawFiles } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { Mask, Source } from '../../../../contract/image-options.ts';
import { SchedulerName, type ImageSettings } from '../../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  largestDifference,
  neverAborted,
  openTestPool,
  relativeL2,
  settingsWith,
  sparsePixels,
  type TestPool,
} from '../drawing.fixture.ts';
import { createPainter } from '../painter.ts';
import { enlarge } from './enlarge.ts';
import { createRunClock } from './run-clock.ts';

const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    cases: z.array(
      z.object({
        kind: z.enum(['image-to-image', 'inpaint', 'inpaint-9']),
        scheduler: SchedulerName,
        strength: z.number(),
        steps: z.number(),
        latents: z.array(z.number()),
      }),
    ),
    hires: z.object({
      scheduler: SchedulerName,
      steps: z.number(),
      strength: z.number(),
      scale: z.number(),
      latents: z.array(z.number()),
    }),
    upscaled: z.array(z.number()),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-inpainting-model.json'), 'utf8')));

const side = 64;
const tinyFolder = path.join(goldenFolder, 'tiny-stable-diffusion');
const partsFolder = path.join(goldenFolder, 'tiny-inpainting-model');
const upscalerFile = path.join(partsFolder, 'upscaler/model.onnx');
const hash = 'a'.repeat(64);
let test: TestPool;
let folder: string;
let files: DrawFiles;

/** The same pixels as in models/recipes/golden/tiny_image_to_image.py. */
const sourceBytes = Uint8Array.from({ length: side * side * 3 }, (_, index) => {
  const x = Math.floor(index / 3) % side;
  const y = Math.floor(index / 3 / side);
  return [x * 4, y * 4, (x * y) % 256][index % 3] ?? 0;
});

beforeAll(async () => {
  test = await openTestPool();
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-parts-'));
  const source = path.join(folder, 'source.png');
  const mask = path.join(folder, 'mask.png');
  const levels = Uint8Array.from({ length: side * side }, (_, index) => {
    const x = index % side;
    const y = Math.floor(index / side);
    return y >= 16 && y < 48 && x >= 24 ? 255 : 0;
  });
  await sharp(sourceBytes, { raw: { width: side, height: side, channels: 3 } }).toFile(source);
  await sharp(levels, { raw: { width: side, height: side, channels: 1 } }).toFile(mask);
  files = { ...noDrawFiles, source, mask };
  // Models of parts that lie in two golden folders.
  for (const [name, parts] of [
    ['posterior', ['vae_encoder']],
    ['inpainting', ['vae_encoder', 'unet']],
  ] as const) {
    await cp(tinyFolder, path.join(folder, name), { recursive: true });
    for (const part of parts)
      await cp(path.join(partsFolder, part), path.join(folder, name, part), { recursive: true });
  }
});

afterAll(async () => {
  await test[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Through the painter, with the latents of the last step. */
async function draw(modelFolder: string, change: Partial<ImageSettings>, own = noDrawFiles) {
  const location = { id: path.basename(modelFolder), folder: modelFolder };
  const options = { previews: false, keepLatents: true, files: own, signal: neverAborted };
  const { image, events } = await collect(
    createPainter().draw(test.pool, location, settingsWith(change), options),
  );
  const step = events.findLast((event) => event.kind === 'step');
  const kept = step?.kind === 'step' ? step.latents : null;
  const latents = kept ? new Float16Array(kept.values.slice().buffer) : new Float16Array();
  return { image, events, latents };
}

const told = {
  prompt: golden.prompt,
  negativePrompt: golden.negativePrompt,
  seed: golden.seed,
  guidanceScale: 5,
};
const sourceWith = (change: Partial<z.input<typeof Source>> = {}) =>
  Source.parse({ picture: hash, ...change });

describe('an encoder that gives the posterior, and UNets that read the mask', () => {
  // The kept latents are float16, whose rounding is below 5e-4 of a value.
  it.each(golden.cases)(
    'draw what diffusers draws: $kind, $scheduler, strength $strength',
    async ({ kind, scheduler, strength, steps, latents }) => {
      const mask = kind === 'image-to-image' ? null : Mask.parse({ picture: hash });
      const drawn = await draw(
        path.join(folder, kind === 'inpaint-9' ? 'inpainting' : 'posterior'),
        { ...told, scheduler, steps, source: sourceWith({ strength, mask }) },
        mask ? files : { ...files, mask: null },
      );
      expect(relativeL2(drawn.latents, latents)).toBeLessThan(1e-3);
    },
  );

  it('draw from a prompt alone, as if all were painted anew', async () => {
    const { image } = await draw(path.join(folder, 'inpainting'), told);
    expect([image.width, image.height]).toEqual([side, side]);
  });
});

describe('a larger second pass', () => {
  it('is what diffusers makes of enlarged latents', async () => {
    const { scheduler, steps, strength, scale, latents } = golden.hires;
    const hiresFix = { scale, steps: null, strength, upscaler: 'latent-bilinear' };
    const { image, events } = await draw(tinyFolder, { ...told, scheduler, steps, hiresFix });
    expect([image.width, image.height]).toEqual([96, 96]);
    expect(events.filter(({ kind }) => kind === 'step')).toHaveLength(steps + 3);
    const again = await draw(
      tinyFolder,
      { ...told, scheduler, steps, hiresFix, upscale: { upscaler: 'nearest', scale: 1 } },
      noDrawFiles,
    );
    expect(again.image.rgb).toEqual(image.rgb);
    // The second pass keeps no latents for branches, so they are compared by their picture.
    const expected = await decoded(latents, 12);
    expect(largestDifference(image.rgb, expected)).toBeLessThanOrEqual(1);
  });

  it('can be enlarged by an upscaler model', async () => {
    const hiresFix = { scale: 1.5, steps: 2, strength: 0.5, upscaler: 'tiny' };
    const own = { ...noDrawFiles, hiresUpscaler: upscalerFile };
    const { image, events } = await draw(tinyFolder, { ...told, hiresFix }, own);
    expect([image.width, image.height]).toEqual([96, 96]);
    expect(events.map(({ kind }) => kind)).toContain('upscaling');
  });
});

async function decoded(latents: readonly number[], cells: number): Promise<Uint8Array> {
  const { decodeLatents } = await import('../vae-decoder.ts');
  const graph = path.join(tinyFolder, 'vae_decoder/model.onnx');
  await using lease = await test.pool.borrow('tiny', graph);
  return decodeLatents(lease.session, Float32Array.from(latents), cells, cells, {
    latentChannels: 4,
    scalingFactor: 0.18215,
    shiftFactor: 0,
    spatialFactor: 8,
    signal: neverAborted,
  });
}

describe('an upscaler model', () => {
  const upscaling = { strength: 0, mask: null };

  it('makes what torch makes of the picture, and no other model is loaded', async () => {
    const { image, events } = await draw(
      path.join(folder, 'no such model is needed'),
      { source: sourceWith(upscaling), upscale: { upscaler: 'tiny', scale: 2 } },
      { ...files, mask: null, upscaler: upscalerFile },
    );
    expect(events.map(({ kind }) => kind)).toEqual(['upscaling', 'image']);
    expect([image.width, image.height]).toEqual([128, 128]);
    expect(largestDifference(sparsePixels(image, 4), golden.upscaled)).toBeLessThanOrEqual(1);
  });

  it('differs little where it works in tiles, and meets any size exactly', async () => {
    const picture = { width: side, height: side, rgb: sourceBytes };
    const run = (tilePixels: number, width: number) =>
      enlarge(picture, { width, height: width }, 'tiny', upscalerFile, {
        pool: test.pool,
        clock: createRunClock(),
        signal: neverAborted,
        tilePixels,
      });
    const whole = await run(64, 128);
    const tiled = await run(32, 128);
    // Two layers of 3 × 3 see two pixels far; tiles overlap by six, at most one of which is weighted much.
    const differences = whole.rgb.map((level, i) => Math.abs(level - (tiled.rgb[i] ?? 0)));
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    expect(mean).toBeLessThan(0.5);
    expect(Math.max(...differences)).toBeLessThanOrEqual(24);
    expect(await run(32, 100)).toMatchObject({ width: 100, height: 100 });
  });

  it('that is none is refused by name', async () => {
    const own = {
      ...files,
      mask: null,
      upscaler: path.join(tinyFolder, 'text_encoder/model.onnx'),
    };
    await expect(
      draw(
        tinyFolder,
        { source: sourceWith(upscaling), upscale: { upscaler: 'x', scale: 2 } },
        own,
      ),
    ).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('model.onnx'),
    });
  });
});

describe('input pictures', () => {
  it('that are missing, no pictures or too large are refused by name', async () => {
    const failure = (source: string) =>
      draw(tinyFolder, { ...told, source: sourceWith() }, { ...noDrawFiles, source });
    await expect(failure(path.join(folder, 'gone.png'))).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('gone.png'),
    });
    const text = path.join(folder, 'text.png');
    await writeFile(text, 'no picture');
    await expect(failure(text)).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('text.png'),
    });
    const wide = path.join(folder, 'wide.png');
    await sharp({ create: { width: 8200, height: 1, channels: 3, background: '#fff' } }).toFile(
      wide,
    );
    await expect(failure(wide)).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('wide.png'),
    });
  });

  it('are kept outside the mask through a second pass', async () => {
    const { image } = await draw(
      tinyFolder,
      {
        ...told,
        source: sourceWith({ mask: Mask.parse({ picture: hash, blurPx: 0 }) }),
        hiresFix: { scale: 2, steps: 2, strength: 0.5, upscaler: 'latent-nearest' },
        upscale: null,
      },
      files,
    );
    const larger = await sharp(sourceBytes, { raw: { width: side, height: side, channels: 3 } })
      .resize(128, 128, { kernel: 'lanczos3' })
      .raw()
      .toBuffer();
    const kept = Array.from({ length: 128 * 32 * 3 }, (_, index) => index);
    expect(
      largestDifference(
        kept.map((i) => image.rgb[i] ?? -1),
        kept.map((i) => larger[i] ?? 0),
      ),
    ).toBe(0);
  });

  it('stop being upscaled between tiles when cancelled', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    const picture = { width: 1024, height: 1024, rgb: new Uint8Array(1024 * 1024 * 3) };
    const size = { width: 2048, height: 2048 };
    await expect(
      enlarge(picture, size, 'tiny', upscalerFile, {
        pool: test.pool,
        clock: createRunClock(),
        signal: controller.signal,
        tilePixels: 32,
        // Within a tile the runtime says so, between tiles the signal.
      }).catch((error: unknown) => Promise.reject(StudioError.from(error))),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('another autoencoder', () => {
  it('stands for the own one, by its own scaling', async () => {
    const own = await draw(tinyFolder, told);
    const swapped = await draw(tinyFolder, told, { ...noDrawFiles, vae: tinyFolder });
    expect(swapped.image.rgb).toEqual(own.image.rgb);
    const other = path.join(folder, 'other-vae');
    await cp(path.join(tinyFolder, 'vae_decoder'), path.join(other, 'vae_decoder'), {
      recursive: true,
    });
    const configFile = path.join(other, 'vae_decoder/config.json');
    const config = JSON.parse(readFileSync(configFile, 'utf8')) as object;
    await writeFile(configFile, JSON.stringify({ ...config, scaling_factor: 0.4 }));
    const scaled = await draw(tinyFolder, told, { ...noDrawFiles, vae: other });
    expect(scaled.image.rgb).not.toEqual(own.image.rgb);
    await writeFile(configFile, JSON.stringify({ ...config, latent_channels: 16 }));
    await expect(draw(tinyFolder, told, { ...noDrawFiles, vae: other })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('other-vae'),
    });
  });

  it('may be a tiny decoder, which is asked for by its file where it is missing', async () => {
    await expect(draw(tinyFolder, { ...told, decoder: 'tiny' })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('vae_decoder_tiny'),
    });
    const tiny = path.join(folder, 'posterior/vae_decoder_tiny');
    await cp(path.join(tinyFolder, 'vae_decoder'), tiny, { recursive: true });
    const own = await draw(path.join(folder, 'posterior'), told);
    const fast = await draw(path.join(folder, 'posterior'), { ...told, decoder: 'tiny' });
    expect(fast.image.rgb).toEqual(own.image.rgb);
  });
});

describe('a refiner', () => {
  it('takes over at its share of the steps', async () => {
    const own = await draw(tinyFolder, told);
    const refined = (switchAt: number, refinerFolder: string) =>
      draw(
        tinyFolder,
        { ...told, refiner: { modelId: 'refiner', switchAt } },
        { ...noDrawFiles, refiner: { id: 'refiner', folder: refinerFolder } },
      );
    const same = await refined(0.5, tinyFolder);
    expect(same.image.rgb).toEqual(own.image.rgb);
    const parts = same.events.flatMap((event) => (event.kind === 'loading' ? [event.part] : []));
    expect(parts).toEqual(['text encoder', 'UNet', 'refiner']);
    await expect(
      refined(0.5, path.join(goldenFolder, 'tiny-consistency-model')),
    ).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('tiles and noise', () => {
  it('a picture within one tile is drawn as without tiles', async () => {
    const own = await draw(tinyFolder, told);
    const tiled = await draw(tinyFolder, {
      ...told,
      tiledDiffusion: { sidePx: 128, overlapPx: 32 },
    });
    expect(tiled.image.rgb).toEqual(own.image.rgb);
  });

  it('a large picture is drawn in tiles, inpainting models too', async () => {
    const large = { ...told, width: 256, tiledDiffusion: { sidePx: 128, overlapPx: 32 } };
    for (const own of [tinyFolder, path.join(folder, 'inpainting')]) {
      const { image } = await draw(own, large);
      expect([image.width, image.height]).toEqual([256, 64]);
    }
  });

  it('of another generator is other noise, and the same each time', async () => {
    const cpu = await draw(tinyFolder, told);
    const nv = await draw(tinyFolder, { ...told, noise: 'nv' });
    expect(nv.image.rgb).not.toEqual(cpu.image.rgb);
    expect((await draw(tinyFolder, { ...told, noise: 'nv' })).image.rgb).toEqual(nv.image.rgb);
  });
});
