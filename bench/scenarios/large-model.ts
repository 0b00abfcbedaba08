/** What the engine makes of a model of the size that people use: speed, memory and time to open it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBuiltEngine } from '../built-engine.ts';
import { median, type Figure, type Scenario } from '../figure.ts';
import {
  graphOf,
  largeBudgetBytes,
  largeModel,
  largeModelMissing,
  largePicture,
  loraFile,
  openLargeEngine,
  openMatrixProduct,
  relativeDistance,
  unetFeeds,
  weightBytes,
  type LargeEngine,
  type NativeSession,
} from '../large-model.ts';
import { decodeLatents } from '../../main/engine/diffusion/vae-decoder.ts';
import type { Tensor } from '../../main/engine/tensor/tensor.ts';

const ratio = (
  name: string,
  samples: readonly number[],
  limit: number | null,
  note = '',
): Figure => ({ name, value: median(samples), unit: 'ratio', limit, samples, note });
const seconds = (
  name: string,
  samples: readonly number[],
  limit: number | null,
  note = '',
): Figure => ({ ...ratio(name, samples, limit, note), unit: 's' });

async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly ms: number; readonly result: T }> {
  const startedAt = performance.now();
  const result = await work();
  return { ms: performance.now() - startedAt, result };
}

function toNative(
  { onnxruntime }: LargeEngine,
  feeds: Readonly<Record<string, Tensor>>,
): Parameters<NativeSession['run']>[0] {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new onnxruntime.Tensor(type, data, dims),
    ]),
  );
}

function nativeOf({ native }: LargeEngine, input: string): NativeSession {
  const session = native.get(input);
  if (!session) throw new Error(`No session with the input "${input}" was opened.`);
  return session;
}

const textFeeds = (engine: LargeEngine) =>
  new engine.onnxruntime.Tensor('int32', new Int32Array(2 * 77).fill(5), [2, 77]);
const latentFeeds = (side: number) => ({
  latent_sample: { ...unetFeeds(side)['sample'] } as Tensor,
});

export const largeOpen: Scenario = {
  name: 'large-open',
  unavailable: largeModelMissing,
  async run() {
    const cacheFolder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-open-'));
    try {
      const opens: number[] = [];
      for (let index = 0; index < 3; index += 1) {
        await using engine = await openLargeEngine(cacheFolder);
        const { ms } = await timed(async () => {
          await using _ = await engine.pool.borrow(largeModel.id, graphOf('unet'));
        });
        opens.push(ms / 1000);
      }
      const [first = Number.NaN, ...later] = opens;
      return [
        seconds('first load of the UNet', [first], null, 'weights are mapped, not copied'),
        seconds('second load of the UNet', later, 5),
      ];
    } finally {
      rmSync(cacheFolder, { recursive: true, force: true });
    }
  },
};

/** Multiplications and additions of one evaluation, ×10⁹, by the side of the picture. */
const stepGflop = { 256: 180, 512: 803 } as const;

export const largeStep: Scenario = {
  name: 'large-step',
  unavailable: largeModelMissing,
  beside: [
    'Beside it: stable-diffusion.cpp at the same shapes, a step each with and without guidance:',
    '  sd -m v1-5.safetensors -p apple -W 512 -H 512 --steps 2 --cfg-scale 1 -t $(nproc) -v',
    '  sd -m v1-5.safetensors -p apple -W 256 -H 256 --steps 2 --cfg-scale 1 -t $(nproc) -v',
    '  the same with --type q8_0 beside large-int8, and with --cfg-scale 7.5 beside large-overhead',
  ],
  async run() {
    await using engine = await openLargeEngine();
    await using _ = await engine.pool.borrow(largeModel.id, graphOf('unet'));
    await using product = await openMatrixProduct(engine.onnxruntime);
    const unet = nativeOf(engine, 'sample');
    const figures: Figure[] = [];
    for (const side of [256, 512] as const) {
      const feeds = toNative(engine, unetFeeds(side / 8));
      await unet.run(feeds);
      const ratios: number[] = [];
      const steps: number[] = [];
      const rates: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const before = await product.gflops();
        const { ms } = await timed(() => unet.run(feeds));
        const around = [...before, ...(await product.gflops())];
        ratios.push((ms / 1000) * (median(around) / stepGflop[side]));
        steps.push(ms / 1000);
        rates.push(...around);
      }
      const fastest = Math.max(...rates);
      figures.push(
        ratio(
          `f32 step at ${side}² ÷ floor`,
          ratios,
          1.3,
          `floor: ${stepGflop[side]} GFLOP at the rate of products of matrices just before and after, ${median(rates).toFixed(0)} GFLOP/s`,
        ),
        ratio(
          `fastest f32 step at ${side}² ÷ floor of the fastest product`,
          [(Math.min(...steps) * fastest) / stepGflop[side]],
          1.3,
          `${fastest.toFixed(0)} GFLOP/s: stricter, as the product is the best of ${rates.length} and the step of ${steps.length}`,
        ),
        seconds(`f32 step at ${side}²`, steps, null, 'one evaluation, batch 1'),
      );
    }
    return figures;
  },
};

export const largeInt8: Scenario = {
  name: 'large-int8',
  unavailable: largeModelMissing,
  async run() {
    await using engine = await openLargeEngine();
    const small = { width: 64, height: 64, steps: 1, guidanceScale: 1 };
    const drawn = new Map<string, NativeSession>();
    for (const linearLayers of ['stored', 'int8'] as const) {
      await engine.draw({ ...small, linearLayers });
      drawn.set(linearLayers, nativeOf(engine, 'sample'));
    }
    const [stored, int8] = [...drawn.values()];
    if (!stored || !int8 || stored === int8) throw new Error('There are no two UNets.');
    const figures: Figure[] = [];
    for (const side of [256, 512] as const) {
      const feeds = toNative(engine, unetFeeds(side / 8));
      const ratios: number[] = [];
      const losses: number[] = [];
      for (let round = 0; round < 6; round += 1) {
        const exact = await timed(() => stored.run(feeds));
        const whole = await timed(() => int8.run(feeds));
        // The first run of a shape makes room for it.
        if (round === 0) continue;
        ratios.push(whole.ms / exact.ms);
        losses.push(
          relativeDistance(
            exact.result['out_sample']?.data as Float32Array,
            whole.result['out_sample']?.data as Float32Array,
          ),
        );
      }
      figures.push(
        ratio(`int8 linear layers ÷ f32, step at ${side}²`, ratios, 0.85),
        ratio(
          `loss of int8 linear layers at ${side}²`,
          losses,
          0.05,
          'relative L2 of the prediction',
        ),
      );
    }
    return figures;
  },
};

export const largeOverhead: Scenario = {
  name: 'large-overhead',
  unavailable: largeModelMissing,
  async run() {
    await using engine = await openLargeEngine();
    await engine.draw({ steps: 1 });
    const unetInputs = toNative(engine, unetFeeds(64, 2));
    const vaeInputs = toNative(engine, latentFeeds(64));
    const ids = textFeeds(engine);
    const own: number[] = [];
    const raw: number[] = [];
    const whole: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { ms } = await timed(async () => {
        await nativeOf(engine, 'input_ids').run({ input_ids: ids });
        for (let step = 0; step < largePicture.steps; step += 1)
          await nativeOf(engine, 'sample').run(unetInputs);
        await nativeOf(engine, 'latent_sample').run(vaeInputs);
      });
      raw.push(ms);
      const drawn = await engine.draw({ prompt: `${round} apples` });
      own.push(drawn.wholeMs / drawn.picture.runMs);
      whole.push(drawn.wholeMs);
    }
    return [
      ratio(
        'whole picture ÷ its own session.run, 512² with guidance',
        own,
        1.01,
        'text encoder, 2 steps with previews, decode; both of one drawing',
      ),
      {
        ...ratio(
          'whole picture ÷ raw runs of the same sessions',
          whole.map((ms, index) => ms / (raw[index] ?? Number.NaN)),
          1.01,
        ),
        value: Math.min(...whole) / Math.min(...raw),
        note: 'the least disturbed of 4 alternating rounds each',
      },
    ];
  },
};

const kib = 1024;
function processMemory(pid: number | 'self', field: 'VmHWM' | 'RssAnon'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * kib;
}

export const largeMemory: Scenario = {
  name: 'large-memory',
  unavailable: () =>
    largeModelMissing() ??
    (process.platform === 'linux' ? null : 'only Linux tells the most memory that a process had'),
  async run() {
    const activations = await activationBytes();
    const cacheFolder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-memory-'));
    await using built = await startBuiltEngine(cacheFolder);
    const report = await built.client['engine.configure']({
      provider: 'cpu',
      threads: 0,
      memoryBudgetBytes: largeBudgetBytes,
      cacheFolder,
    });
    for await (const _ of built.client['engine.draw']({
      model: largeModel,
      settings: largePicture,
      previews: true,
    }));
    const peak = processMemory(report.pid, 'VmHWM');
    rmSync(cacheFolder, { recursive: true, force: true });
    const weights = weightBytes();
    const limit = weights * 1.2 + activations;
    return [
      {
        name: 'peak memory ÷ (1.2 × weights + activations)',
        value: peak / limit,
        unit: 'ratio',
        limit: 1,
        samples: [peak / limit],
        note: `${(peak / 1e6).toFixed(0)} MB; weights ${(weights / 1e6).toFixed(0)} MB; activations ${(activations / 1e6).toFixed(0)} MB: what raw runs of the same sessions at 512², two rows, add`,
      },
    ];
  },
};

async function activationBytes(): Promise<number> {
  await using engine = await openLargeEngine();
  const before: number[] = [];
  let added = 0;
  for (const part of ['unet', 'vae_decoder']) {
    await using _ = await engine.pool.borrow(largeModel.id, graphOf(part));
    before.push(processMemory('self', 'RssAnon'));
    await (part === 'unet'
      ? nativeOf(engine, 'sample').run(toNative(engine, unetFeeds(64, 2)))
      : nativeOf(engine, 'latent_sample').run(toNative(engine, latentFeeds(64))));
    added += processMemory('self', 'RssAnon') - (before.at(-1) ?? 0);
  }
  return added;
}

export const largeDecode: Scenario = {
  name: 'large-decode',
  unavailable: largeModelMissing,
  async run() {
    await using engine = await openLargeEngine();
    const side = 64;
    const latents = latentFeeds(side).latent_sample.data as Float32Array;
    const scaling = { latentChannels: 4, shiftFactor: 0, spatialFactor: 8 };
    const signal = new AbortController().signal;
    await using full = await engine.pool.borrow(largeModel.id, graphOf('vae_decoder'));
    await using tiny = await engine.pool.borrow(largeModel.id, graphOf('vae_decoder_tiny'));
    await using unet = await engine.pool.borrow(largeModel.id, graphOf('unet'));
    const ways = {
      full: () =>
        decodeLatents(full.session, latents, side, side, {
          ...scaling,
          scalingFactor: 0.18215,
          signal,
        }),
      tiled: () =>
        decodeLatents(full.session, latents, side, side, {
          ...scaling,
          scalingFactor: 0.18215,
          signal,
          wholePixels: 0,
          tilePixels: 256,
        }),
      tiny: () =>
        decodeLatents(tiny.session, latents, side, side, { ...scaling, scalingFactor: 1, signal }),
    };
    const times = new Map<string, number[]>();
    const pictures = new Map<string, Uint8Array>();
    const steps: number[] = [];
    await unet.session.run(unetFeeds(side));
    for (let round = 0; round < 2; round += 1) {
      for (const [name, decode] of Object.entries(ways)) {
        const { ms, result } = await timed(decode);
        times.set(name, [...(times.get(name) ?? []), ms / 1000]);
        pictures.set(name, result);
      }
      steps.push((await timed(() => unet.session.run(unetFeeds(side)))).ms / 1000);
    }
    const best = (name: string) => Math.min(...(times.get(name) ?? []));
    const share = (name: string) => best(name) / (best(name) + 4 * Math.min(...steps));
    return [
      ...[...times].map(([name, samples]) => seconds(`${name} decode at 512²`, samples, null)),
      ratio(
        'tiled decode, distance from the full one',
        [relativeDistance(pictures.get('full') ?? [], pictures.get('tiled') ?? [])],
        null,
        'relative L2 of the bytes; normalisation sees a tile only. A tiny decoder with random weights has no error to state',
      ),
      ratio('share of the full decode in 4 steps', [share('full')], null, 'steps without guidance'),
      ratio('share of the tiny decode in 4 steps', [share('tiny')], 0.2),
    ];
  },
};

export const largeCancel: Scenario = {
  name: 'large-cancel',
  unavailable: largeModelMissing,
  async run() {
    await using built = await startBuiltEngine();
    const { client } = built;
    const settings = { ...largePicture, width: 256, height: 256, steps: 12 };
    const ratios: number[] = [];
    for (const moment of [0.1, 0.5, 0.9]) {
      const controller = new AbortController();
      let lastAt = 0;
      const steps: number[] = [];
      let abortedAt = 0;
      try {
        for await (const event of client['engine.draw'](
          { model: largeModel, settings, previews: true },
          { signal: controller.signal },
        )) {
          if (event.kind !== 'step') continue;
          if (lastAt > 0) steps.push(performance.now() - lastAt);
          lastAt = performance.now();
          if (event.step !== 4) continue;
          await sleep(moment * median(steps));
          abortedAt = performance.now();
          controller.abort();
        }
      } catch {
        // The outcome of a cancelled stream.
      }
      // Answered as soon as the engine's own thread is free.
      await client['engine.report']({});
      ratios.push((performance.now() - abortedAt) / median(steps));
    }
    return [
      {
        ...ratio('cancel to idle ÷ one step', ratios, 1),
        value: Math.max(...ratios),
        note: 'at 10, 50 and 90 % of a step; the longest counts',
      },
    ];
  },
};

export const largeLora: Scenario = {
  name: 'large-lora',
  unavailable: largeModelMissing,
  async run() {
    await using engine = await openLargeEngine();
    const small = { width: 128, height: 128, steps: 1 };
    const drawWith = async (unetWeight: number) => {
      const loras = [{ name: 'random', path: loraFile, unetWeight, textWeight: 0 }];
      const { picture, wholeMs } = await engine.draw(small, { loras });
      return wholeMs - picture.runMs;
    };
    await engine.draw(small);
    const openMs = await drawWith(1);
    const opened = engine.pool.openedSessions;
    const switches: number[] = [];
    for (const weight of [0.5, 0.8, 0.3]) switches.push((await drawWith(weight)) / openMs);
    return [
      ratio(
        'another LoRA weight ÷ opening the UNet with it',
        switches,
        0.25,
        'time outside session.run',
      ),
      {
        name: 'sessions opened by three other weights',
        value: engine.pool.openedSessions - opened,
        unit: 'differences',
        limit: 0,
        samples: [],
        note: '',
      },
    ];
  },
};
