import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DrawEvent } from '../../../contract/engine.ts';
import type {
  ImageSettings,
  SchedulerName,
  SigmaSchedule,
} from '../../../contract/image-request.ts';
import { loadOnnxruntime } from '../runtime/load-onnxruntime.ts';
import { createSessionPool, type OnnxSessionPool } from '../runtime/session-pool.ts';
import { createPainter } from './painter.ts';
import { loadClipTokenizer } from './prompt/clip-tokenizer.ts';
import { decodeLatents, tileStarts } from './vae-decoder.ts';

const folder = fileURLToPath(new URL('./golden/tiny-stable-diffusion', import.meta.url));
const ids = z.array(z.number());
const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    cases: z.array(
      z.object({
        scheduler: z.string(),
        guidance: z.number(),
        steps: z.number(),
        latents: z.array(z.number()),
        pixels: z.array(z.number()),
      }),
    ),
    tokens: z.array(z.object({ text: z.string(), ids })),
    longTokens: z.object({ words: z.number(), count: z.number(), head: ids, tail: ids }),
  })
  .parse(JSON.parse(readFileSync(new URL('./golden/golden.json', import.meta.url), 'utf8')));

let pool: OnnxSessionPool;
let cacheFolder: string;
const never = new AbortController().signal;

beforeAll(async () => {
  cacheFolder = await mkdtemp(path.join(tmpdir(), 'atelier-diffusion-'));
  pool = createSessionPool({
    onnxruntime: await loadOnnxruntime(),
    provider: 'cpu',
    threads: 1,
    memoryBudgetBytes: 2 ** 30,
    cacheFolder,
  });
});
afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(cacheFolder, { recursive: true, force: true });
});

function settings(change: Partial<ImageSettings> = {}): ImageSettings {
  return {
    modelId: 'tiny',
    prompt: golden.prompt,
    negativePrompt: golden.negativePrompt,
    width: 64,
    height: 64,
    steps: 4,
    guidanceScale: 7.5,
    scheduler: 'ddim',
    sigmaSchedule: 'normal',
    seed: golden.seed,
    ...change,
  };
}

async function draw(change: Partial<ImageSettings> = {}, signal = never) {
  const events: DrawEvent[] = [];
  const location = { id: 'tiny', folder };
  for await (const event of createPainter().draw(pool, location, settings(change), {
    previews: true,
    signal,
  }))
    events.push(event);
  const image = events.at(-1);
  if (image?.kind !== 'image') throw new Error('The last event is not the image.');
  return { events, image };
}

/** "dpmpp-2m-karras" of the golden file to the contract's two names. */
function splitName(name: string): { scheduler: SchedulerName; sigmaSchedule: SigmaSchedule } {
  const karras = name.endsWith('-karras');
  return {
    scheduler: name.replace('-karras', '') as SchedulerName,
    sigmaSchedule: karras ? 'karras' : 'normal',
  };
}

describe('text to image', () => {
  it.each(golden.cases)(
    'draws what diffusers draws with $scheduler, guidance $guidance, $steps steps',
    async ({ scheduler, guidance, steps, pixels }) => {
      const { image } = await draw({ ...splitName(scheduler), guidanceScale: guidance, steps });
      // The golden file keeps every eighth pixel of every eighth row.
      const sampled: number[] = [];
      for (let y = 0; y < 64; y += 8)
        for (let x = 0; x < 64; x += 8)
          for (let c = 0; c < 3; c += 1) sampled.push(image.rgb[(y * 64 + x) * 3 + c] ?? -1);
      const largest = Math.max(
        ...sampled.map((value, index) => Math.abs(value - (pixels[index] ?? NaN))),
      );
      expect(largest).toBeLessThanOrEqual(1);
    },
  );

  it('reports each phase and every step, with a preview of the latents', async () => {
    const { events } = await draw();
    expect(events.map(({ kind }) => kind)).toEqual([
      'loading',
      'encoding',
      'loading',
      'step',
      'step',
      'step',
      'step',
      'decoding',
      'image',
    ]);
    const step = events.find(({ kind }) => kind === 'step');
    expect(step).toMatchObject({ preview: { width: 8, height: 8 } });
  });

  it('draws the same bytes again, and other bytes for another seed', async () => {
    const [first, again, other] = [
      await draw(),
      await draw(),
      await draw({ seed: golden.seed + 1 }),
    ];
    expect(again.image.rgb).toEqual(first.image.rgb);
    expect(other.image.rgb).not.toEqual(first.image.rgb);
  });

  it('draws with prompts of several chunks, empty prompts, and any characters', async () => {
    for (const prompt of ['', 'apple '.repeat(400), '🐈‍⬛ 猫 مرحبا \u202e']) {
      expect((await draw({ prompt })).image.rgb).toHaveLength(64 * 64 * 3);
    }
  });

  it('stops between steps when cancelled', async () => {
    const controller = new AbortController();
    const painting = createPainter().draw(pool, { id: 'tiny', folder }, settings({ steps: 50 }), {
      previews: false,
      signal: controller.signal,
    });
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const event of painting) {
          seen.push(event.kind);
          if (event.kind === 'step') controller.abort();
        }
      })(),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.filter((kind) => kind === 'step')).toHaveLength(1);
  });

  it('names the nearest size where a side does not suit the model', async () => {
    await expect(draw({ width: 72 })).rejects.toMatchObject({
      code: 'bad-request',
      details: { nearest: 80 },
    });
  });

  it('calibrates previews on the first picture', async () => {
    const painter = createPainter();
    const previews: number[][] = [];
    for (let run = 0; run < 2; run += 1) {
      for await (const event of painter.draw(pool, { id: 'tiny', folder }, settings(), {
        previews: true,
        signal: never,
      })) {
        if (event.kind === 'step' && event.step === 4)
          previews.push([...(event.preview?.rgb ?? [])]);
      }
    }
    const { image } = await draw();
    const means: number[] = [];
    for (let block = 0; block < 64; block += 1) {
      for (let c = 0; c < 3; c += 1) {
        let sum = 0;
        for (let y = 0; y < 8; y += 1)
          for (let x = 0; x < 8; x += 1)
            sum +=
              image.rgb[((Math.floor(block / 8) * 8 + y) * 64 + (block % 8) * 8 + x) * 3 + c] ?? 0;
        means.push(sum / 64);
      }
    }
    const error = (rgb: readonly number[] = []) =>
      Math.sqrt(
        rgb.reduce((sum, value, i) => sum + (value - (means[i] ?? 0)) ** 2, 0) / rgb.length,
      );
    expect(error(previews[1])).toBeLessThan(0.75 * error(previews[0]));
  });
});

describe('the tiled decoder', () => {
  it('covers the whole length with overlapping tiles', () => {
    expect(tileStarts(8, 8)).toEqual([0]);
    const starts = tileStarts(100, 32);
    expect(starts.at(0)).toBe(0);
    expect(starts.at(-1)).toBe(68);
    for (const [index, start] of starts.slice(1).entries())
      expect(start - (starts[index] ?? 0)).toBeLessThanOrEqual(24);
  });

  it('differs little from decoding in one piece', async () => {
    await using lease = await pool.borrow('tiny', path.join(folder, 'vae_decoder/model.onnx'));
    const latents = Float32Array.from(
      { length: 4 * 32 * 32 },
      (_, i) => Math.sin(i / 40) + Math.cos((i % 32) / 5),
    );
    const options = {
      latentChannels: 4,
      scalingFactor: 0.18215,
      shiftFactor: 0,
      spatialFactor: 8,
      signal: never,
    };
    const whole = await decodeLatents(lease.session, latents, 32, 32, options);
    const tiled = await decodeLatents(lease.session, latents, 32, 32, {
      ...options,
      wholePixels: 0,
      tilePixels: 128,
    });
    // Group normalisation and attention see the tile, not the picture, so the two are not equal.
    const mean =
      whole.reduce((sum, value, i) => sum + Math.abs(value - (tiled[i] ?? 0)), 0) / whole.length;
    expect(mean).toBeLessThan(12);
  });
});

describe("CLIP's tokenizer", () => {
  it.each(golden.tokens)(
    'gives the ids of transformers for $text',
    async ({ text, ids: expected }) => {
      const tokenizer = await loadClipTokenizer(path.join(folder, 'tokenizer'));
      expect(tokenizer.encode(text)).toEqual(expected);
    },
  );

  it('gives the ids of transformers for five thousand words', async () => {
    const tokenizer = await loadClipTokenizer(path.join(folder, 'tokenizer'));
    const words = ['apple', 'Tree,', '猫'];
    const text = Array.from({ length: golden.longTokens.words }, (_, i) => words[i % 3]).join(' ');
    const encoded = tokenizer.encode(text);
    expect(encoded).toHaveLength(golden.longTokens.count);
    expect(encoded.slice(0, 40)).toEqual(golden.longTokens.head);
    expect(encoded.slice(-40)).toEqual(golden.longTokens.tail);
  });
});
