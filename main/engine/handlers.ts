/**
 * The engine's side of its contract.
 *
 * Pictures are made one at a time: further draws wait in line, where they can be cancelled. Writing
 * does not wait; its tokens come while a picture is made, or between its denoising steps where runs
 * block the thread. A new configuration holds for work that starts after it; sessions of the old one go when their work ends.
 */
import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EngineConfig, EngineHandlers, EngineReport } from '../../contract/engine.ts';
import sharp from 'sharp';
import { StudioError } from '../../contract/errors.ts';
import type { PromptChunks } from '../../contract/queue.ts';
import type { PartProviders } from '../../contract/settings.ts';
import type { ProviderStatus, RuntimeStatus } from '../../contract/system.ts';
import { controlPicture } from './diffusion/pixels/control-picture.ts';
import { readPicture } from './diffusion/pixels/read-picture.ts';
import { createPainter } from './diffusion/painter.ts';
import { generateAlternatives } from './language/alternatives.ts';
import { generateText } from './language/generate.ts';
import { createNextTokenReader } from './language/next-tokens.ts';
import { createPrefixCache, type PrefixCache } from './language/prefix-cache.ts';
import { tokenizePrompt } from './language/prompt.ts';
import { scoreText } from './language/score.ts';
import { loadTextModel, textModelFiles } from './language/text-model.ts';
import { createParsedModels } from './parsed-models.ts';
import type { Onnxruntime } from './runtime/load-onnxruntime.ts';
import type { NativeRuntimeLoad } from './runtime/native/native-runtime.ts';
import { chooseProvider, type ProviderChoice } from './runtime/providers.ts';
import { createSessionPool, type OnnxSessionPool } from './runtime/session-pool.ts';
import { createTurns } from './turns.ts';

interface Running {
  readonly config: EngineConfig;
  readonly choice: ProviderChoice;
  readonly pool: OnnxSessionPool;
  /** What text models of this pool have seen. */
  readonly prefixes: PrefixCache;
}

/** Share of the memory budget that prefixes of texts may take. */
const prefixShare = 1 / 8;

/** How finely the loop's delays are measured, ms. */
const stallResolutionMs = 10;

/** @param native stays the caller's, and must outlive the handlers */
export function createEngineHandlers(
  onnxruntime: Onnxruntime,
  native: NativeRuntimeLoad,
): EngineHandlers {
  const textModels = createParsedModels(textModelFiles, loadTextModel);
  const nextTokens = createNextTokenReader();
  const painter = createPainter();
  const drawing = createTurns();
  const configuring = createTurns();
  const previewing = createTurns();
  const delays = monitorEventLoopDelay({ resolution: stallResolutionMs });
  delays.enable();
  let current: Running | null = null;

  function running(): Running {
    if (!current)
      throw new StudioError(
        'conflict',
        'The engine has not been configured yet. Call engine.configure first.',
      );
    return current;
  }

  async function probeProviders(config: EngineConfig): Promise<ProviderChoice> {
    // A device is probed from this thread, and may be at work on another.
    using _devices = native.kind === 'loaded' ? await native.runtime.holdDevices() : null;
    return await chooseProvider(onnxruntime, config.provider, config.cacheFolder);
  }

  async function configure(config: EngineConfig): Promise<void> {
    const previous = current;
    await mkdir(config.cacheFolder, { recursive: true }).catch((cause: unknown) => {
      throw new StudioError(
        'bad-request',
        `The folder ${config.cacheFolder} cannot be made. Choose another place for the cache.`,
        undefined,
        { cause },
      );
    });
    const choice =
      previous && previous.config.provider === config.provider
        ? previous.choice
        : await probeProviders(config);
    const samePool =
      previous !== null &&
      previous.choice.provider === choice.provider &&
      JSON.stringify(previous.config.partProviders) === JSON.stringify(config.partProviders) &&
      previous.config.threads === config.threads &&
      previous.config.memoryBudgetBytes === config.memoryBudgetBytes &&
      previous.config.cacheFolder === config.cacheFolder;
    if (samePool) {
      current = { ...previous, config, choice };
      return;
    }
    const { partProviders, threads, memoryBudgetBytes, cacheFolder } = config;
    const pool = createSessionPool({
      onnxruntime,
      native: native.kind === 'loaded' ? native.runtime : null,
      provider: choice.provider,
      partProviders: availableOf(partProviders, choice),
      threads,
      memoryBudgetBytes,
      cacheFolder,
    });
    const prefixes = createPrefixCache(memoryBudgetBytes * prefixShare);
    current = { config, choice, pool, prefixes };
    previous?.prefixes[Symbol.dispose]();
    await previous?.pool[Symbol.asyncDispose]();
  }

  function report(): EngineReport {
    const { choice, pool } = running();
    const loopStallMs = Math.max(0, delays.max / 1e6 - stallResolutionMs);
    delays.reset();
    return {
      pid: process.pid,
      onnxruntimeVersion: onnxruntime.env.versions.common,
      provider: choice.provider,
      providers: choice.statuses.map((status) => withFallbacks(status, choice, pool)),
      runtime: runtimeOn(choice, native),
      loadedModels: [...pool.loadedModels],
      memoryBytes: process.memoryUsage.rss(),
      loopStallMs,
    };
  }

  return {
    async 'engine.configure'(config, { signal }) {
      using _turn = await configuring.take(signal);
      await configure(config);
      return report();
    },
    'engine.report': () => Promise.resolve().then(report),
    async 'engine.release'({ modelId }) {
      textModels.release(modelId);
      nextTokens.release();
      painter.release(modelId);
      running().prefixes.release(modelId);
      await running().pool.release(modelId);
      return report();
    },
    async *'engine.draw'({ model, settings, files, previews, keepLatents }, { signal }) {
      const { pool } = running();
      using _turn = await drawing.take(signal);
      yield* painter.draw(pool, model, settings, { files, previews, keepLatents, signal });
    },
    async 'engine.controlPicture'({ file, preprocessor, width, height }, { signal }) {
      // One at a time: who turns a setting asks faster than edges are found.
      using _turn = await previewing.take(signal);
      const picture = await readPicture(file, 'picture of the ControlNet');
      const { rgb } = await controlPicture(picture, preprocessor, width, height);
      const raw = { width, height, channels: 3 } as const;
      const png = await sharp(rgb, { raw }).png({ compressionLevel: 3 }).toBuffer();
      return { png: new Uint8Array(png) };
    },
    'engine.count': async ({ model, prompts }) => {
      const counts: PromptChunks[] = [];
      for (const prompt of prompts) counts.push(await painter.count(model, prompt));
      return counts;
    },
    async *'engine.write'({ model, draftModel, request }, { signal }) {
      const { pool, prefixes } = running();
      const textModel = await textModels.load(model);
      const drafting = draftModel && (await textModels.load(draftModel));
      const options = { signal, drawSeed, prefixes, draftModel: drafting };
      yield* generateText(pool, textModel, request, options);
    },
    async *'engine.alternatives'({ model, request, count }, { signal }) {
      const { pool, prefixes } = running();
      const textModel = await textModels.load(model);
      const options = { signal, drawSeed, prefixes };
      yield* generateAlternatives(pool, textModel, request, count, options);
    },
    async *'engine.score'({ model, request }, { signal }) {
      const { pool } = running();
      yield* scoreText(pool, await textModels.load(model), request, signal);
    },
    async 'engine.tokenize'({ model, request }) {
      return tokenizePrompt(await textModels.load(model), request);
    },
    async 'engine.nextTokens'({ model, request }, { signal }) {
      const { pool, prefixes } = running();
      return nextTokens.read(pool, await textModels.load(model), request, { prefixes, signal });
    },
  };
}

function drawSeed(): number {
  return randomInt(2 ** 32);
}

function runtimeOn({ provider }: ProviderChoice, native: NativeRuntimeLoad): RuntimeStatus {
  if (native.kind === 'unavailable') return { name: 'onnxruntime-node', reason: native.reason };
  if (native.runtime.serves(provider)) return { name: 'native', reason: '' };
  return {
    name: 'onnxruntime-node',
    reason:
      'The fast runtime works on the processor and with WebGPU; other devices are used without it.',
  };
}

/** A part whose device is not there runs with the rest. */
function availableOf(wanted: PartProviders, { statuses }: ProviderChoice): PartProviders {
  const available = new Set(statuses.filter((status) => status.available).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(wanted).filter(([, provider]) => available.has(provider)),
  );
}

/** A provider that runs, but not everything, says so. */
function withFallbacks(
  status: ProviderStatus,
  choice: ProviderChoice,
  pool: OnnxSessionPool,
): ProviderStatus {
  if (status.name !== choice.provider || pool.fallbacks.size === 0) return status;
  const files = [...pool.fallbacks.keys()].join(', ');
  return { ...status, reason: `${files} cannot run on it and uses the processor instead.` };
}
