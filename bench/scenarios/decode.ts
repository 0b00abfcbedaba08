/** The ways from latents to pixels, beside each other: their time, and how far each is from the full one. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KeptLatents } from '../../contract/engine.ts';
import type { ImageSettings } from '../../contract/image-request.ts';
import { createPainter } from '../../main/engine/diffusion/painter.ts';
import { decodeLatents } from '../../main/engine/diffusion/vae-decoder.ts';
import { loadOnnxruntime } from '../../main/engine/runtime/load-onnxruntime.ts';
import { createSessionPool } from '../../main/engine/runtime/session-pool.ts';
import type { SessionPool } from '../../main/engine/session.ts';
import { float16ToFloat32 } from '../../main/engine/tensor/float16.ts';
import { starterModels, starterPicture } from '../built-engine.ts';
import { median, type Figure, type Scenario } from '../figure.ts';
import { relativeDistance } from '../large-model.ts';

const model = { id: 'starter', folder: path.join(starterModels, 'image') };
const graphOf = (part: string) => path.join(model.folder, part, 'model.onnx');
const tinyGraph = graphOf('vae_decoder_tiny');
const prompts = ['a red apple, 3d', 'a castle, flat illustration', 'a fox, cartoon illustration'];
const rounds = 15;

export const starterDecode: Scenario = {
  name: 'starter-decode',
  unavailable: () => (existsSync(tinyGraph) ? null : 'the starter model has no tiny decoder'),
  async run() {
    const cacheFolder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-decode-'));
    try {
      await using pool = createSessionPool({
        onnxruntime: await loadOnnxruntime(),
        provider: 'cpu',
        threads: 0,
        memoryBudgetBytes: 4 * 2 ** 30,
        cacheFolder,
      });
      const drawn: FinishedLatents[] = [];
      for (const prompt of prompts) drawn.push(await finishedLatents(pool, prompt));
      return [
        ...(await figuresOf(pool, drawn)),
        await shareOf(pool, 'full'),
        await shareOf(pool, 'tiny'),
      ];
    } finally {
      rmSync(cacheFolder, { recursive: true, force: true });
    }
  },
};

interface FinishedLatents {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

const signal = new AbortController().signal;

async function finishedLatents(pool: SessionPool, prompt: string): Promise<FinishedLatents> {
  let last: KeptLatents | null = null;
  for await (const event of draw(pool, { prompt })) if (event.kind === 'step') last = event.latents;
  if (!last) throw new Error('No step kept its latents.');
  const { values, width, height, channels } = last;
  const halves = new Uint16Array(values.slice().buffer);
  return { values: float16ToFloat32(halves), width, height, channels };
}

function draw(pool: SessionPool, changes: Partial<ImageSettings>) {
  const settings = { ...starterPicture, ...changes };
  return createPainter().draw(pool, model, settings, {
    previews: false,
    keepLatents: true,
    signal,
  });
}

async function figuresOf(pool: SessionPool, drawn: readonly FinishedLatents[]): Promise<Figure[]> {
  await using full = await pool.borrow(model.id, graphOf('vae_decoder'));
  await using tiny = await pool.borrow(model.id, tinyGraph);
  const scaling = { scalingFactor: 1, shiftFactor: 0, spatialFactor: 16, signal };
  const ways = {
    full: ({ values, width, height, channels }: FinishedLatents) =>
      decodeLatents(full.session, values, width, height, { ...scaling, latentChannels: channels }),
    tiled: ({ values, width, height, channels }: FinishedLatents) =>
      decodeLatents(full.session, values, width, height, {
        ...scaling,
        latentChannels: channels,
        wholePixels: 0,
        tilePixels: 128,
      }),
    tiny: ({ values, width, height, channels }: FinishedLatents) =>
      decodeLatents(tiny.session, values, width, height, { ...scaling, latentChannels: channels }),
  };
  const figures: Figure[] = [];
  const exact = new Map<FinishedLatents, Uint8Array>();
  for (const [name, decode] of Object.entries(ways)) {
    const times: number[] = [];
    const distances: number[] = [];
    for (const latents of drawn) {
      for (let round = 0; round < rounds; round += 1) {
        const startedAt = performance.now();
        const bytes = await decode(latents);
        if (round > 0) times.push(performance.now() - startedAt);
        if (name === 'full') exact.set(latents, bytes);
        if (round === 0) distances.push(relativeDistance(exact.get(latents) ?? [], bytes));
      }
    }
    figures.push({
      name: `${name} decode at 256²`,
      value: median(times),
      unit: 'ms',
      limit: null,
      samples: times,
      note: 'the starter model',
    });
    if (name !== 'full')
      figures.push({
        name: `${name} decode, distance from the full one`,
        value: median(distances),
        unit: 'ratio',
        limit: name === 'tiny' ? 0.1 : null,
        samples: distances,
        note: 'relative L2 of the bytes of three drawn pictures',
      });
  }
  return figures;
}

/** Of pictures of 4 steps with guidance: text encoder, steps, decode. */
async function shareOf(pool: SessionPool, decoder: ImageSettings['decoder']): Promise<Figure> {
  const shares: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    let decodingAt = Number.NaN;
    for await (const event of draw(pool, { decoder, steps: 4, prompt: `${round} apples, 3d` })) {
      if (event.kind === 'decoding') decodingAt = performance.now();
    }
    const endedAt = performance.now();
    if (round > 0) shares.push((endedAt - decodingAt) / (endedAt - startedAt));
  }
  return {
    name: `share of the ${decoder} decode in 4 steps`,
    value: median(shares),
    unit: 'ratio',
    limit: decoder === 'tiny' ? 0.2 : null,
    samples: shares,
    note: 'a whole picture of the starter model with guidance',
  };
}
