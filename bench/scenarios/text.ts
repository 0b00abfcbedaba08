/** How fast text is written, beside onnxruntime-node and beside what the memory allows. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeRuntime } from '../../main/engine/runtime/native/native-runtime.ts';
import { model as graphOf, node, valueInfo } from '../../main/engine/runtime/onnx-message.ts';
import { tensor } from '../../main/engine/tensor/tensor.ts';
import { type Figure, type Scenario, undisturbed } from '../figure.ts';
import {
  openText,
  startText,
  textModels,
  textModelsMissing,
  withNativeText,
  type TextModelFiles,
} from '../text-model.ts';

const contexts = [128, 1024] as const;
const rounds = 12;
const tokensPerRound = 8;
const timerResolutionMs = 1;

/** Time of a token ÷ onnxruntime-node's, at most; by tokens of context. */
const limits: Readonly<Record<string, Readonly<Record<(typeof contexts)[number], number>>>> = {
  '135m-q4': { 128: 0.8, 1024: 0.5 },
  '135m-q8': { 128: 0.85, 1024: 0.6 },
};

export const textDecode: Scenario = {
  name: 'text-decode',
  unavailable: textModelsMissing,
  beside: [
    'The same shapes in llama.cpp: llama-bench -t <threads> -m FOLDER/<model>/model.gguf -p 0 -n 32 -d 128,1024 (a token) and -p 128,1024 -n 0 (the prompt); models/recipes/bench/llama_gguf.py makes the files. npm run bench -- text-llama-cpp does it in turns.',
  ],
  run: () =>
    withNativeText(async (native, cacheFolder) => {
      const figures: Figure[] = [];
      let gigabytesPerSecond = 0;
      for (const model of textModels())
        for (const context of contexts) {
          gigabytesPerSecond = Math.max(gigabytesPerSecond, await measureBandwidth(native));
          figures.push(...(await measure(native, cacheFolder, model, context, gigabytesPerSecond)));
        }
      return figures;
    }),
};

/** Both runtimes in turns, so that what else the machine does meets both. */
async function measure(
  native: NativeRuntime,
  cacheFolder: string,
  model: TextModelFiles,
  context: (typeof contexts)[number],
  gigabytesPerSecond: number,
): Promise<readonly Figure[]> {
  await using fastLease = await openText(native, model, cacheFolder);
  await using portableLease = await openText(null, model, cacheFolder);
  using fast = await startText(fastLease.session, model, context);
  using portable = await startText(portableLease.session, model, context);

  const idleGapMs = await gapDuring(() => sleep(1000));
  const fastMs: number[] = [];
  const portableMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    fastMs.push(...(await fast.write(tokensPerRound)));
    portableMs.push(...(await portable.write(tokensPerRound)));
  }
  // In one stretch: the other runtime's blocking runs would count as gaps.
  const gapMs = await gapDuring(() => fast.write(rounds * tokensPerRound));
  const bytes = model.weightBytesPerToken + context * model.cacheBytesPerToken;
  const floorMs = bytes / 1e6 / gigabytesPerSecond;
  const ownMs = undisturbed(fastMs);
  const title = `${model.name} at ${context}`;
  const inTokens = (ms: number): string => `${(1000 / ms).toFixed(0)} tokens/s`;
  return [
    {
      name: `${title}: a token`,
      value: ownMs,
      unit: 'ms',
      limit: null,
      samples: fastMs,
      note: `${inTokens(ownMs)}; onnxruntime-node ${inTokens(undisturbed(portableMs))}; memory allows ${inTokens(floorMs)} (${(bytes / 1e6).toFixed(0)} MB at ${gigabytesPerSecond.toFixed(1)} GB/s)`,
    },
    {
      name: `${title}: a token ÷ onnxruntime-node`,
      value: ownMs / undisturbed(portableMs),
      unit: 'ratio',
      limit: limits[model.name]?.[context] ?? null,
      samples: fastMs.map((ms, index) => ms / (portableMs[index] ?? ms)),
      note: '',
    },
    {
      name: `${title}: reading the prompt`,
      value: fast.prefillMs,
      unit: 'ms',
      limit: null,
      samples: [fast.prefillMs],
      note: `${((context / fast.prefillMs) * 1000).toFixed(0)} tokens/s; onnxruntime-node ${((context / portable.prefillMs) * 1000).toFixed(0)}`,
    },
    {
      name: `${title}: event loop gap while writing, 99 of 100`,
      value: gapMs,
      unit: 'ms',
      limit: 16,
      samples: [gapMs],
      note: '',
    },
    {
      name: `${title}: event loop gap while nothing runs here`,
      value: idleGapMs,
      unit: 'ms',
      limit: null,
      samples: [idleGapMs],
      note: 'what other programs take',
    },
  ];
}

/** How late the latest but one in a hundred of a timer's callbacks was, ms. */
async function gapDuring(work: () => Promise<unknown>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: timerResolutionMs });
  delays.enable();
  await work();
  delays.disable();
  return Math.max(0, delays.percentile(99) / 1e6 - timerResolutionMs);
}

/** Of a sum over more than any cache holds, by the same threads that decode; the best of several, GB/s. */
async function measureBandwidth(native: NativeRuntime): Promise<number> {
  const graph = graphOf(
    node('ReduceSum', ['x', 'axes'], ['y']),
    valueInfo(11, 'x', 'float32', 'rows', 'columns'),
    valueInfo(11, 'axes', 'int64', 1),
    valueInfo(12, 'y', 'float32', 'rows', 1),
  );
  await using session = await native.open(
    { path: 'sum.onnx', bytes: graph },
    {
      provider: 'cpu',
      threads: 0,
      spinning: false,
      optimisation: 'all',
      saveOptimisedTo: null,
      weightsFolder: null,
    },
  );
  const [rows, columns] = [16, 2 ** 23];
  const feeds = {
    x: tensor('float32', new Float32Array(rows * columns).fill(1), [rows, columns]),
    axes: tensor('int64', BigInt64Array.of(1n), [1]),
  };
  const bytes = rows * columns * 4;
  let bestMs = Infinity;
  for (let index = 0; index < 6; index += 1) {
    const startedAt = performance.now();
    const { y } = await session.run(feeds);
    bestMs = Math.min(bestMs, performance.now() - startedAt);
    y?.[Symbol.dispose]();
  }
  return bytes / 1e6 / bestMs;
}
