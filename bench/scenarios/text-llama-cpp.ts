/**
 * The engine's decode loop beside llama.cpp, on files of the same shapes. `ATELIER_BENCH_LLAMA` names
 * llama-bench; models/recipes/bench/llama_gguf.py says how to build it, and makes its files.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Session } from '../../main/engine/session.ts';
import { type Figure, type Scenario, undisturbed } from '../figure.ts';
import {
  openText,
  startText,
  textModels,
  textModelsMissing,
  withNativeText,
  type TextModelFiles,
} from '../text-model.ts';

const llamaBench = process.env['ATELIER_BENCH_LLAMA'] ?? '';
const contexts = [128, 1024] as const;
const tokens = 24;
/** After two rounds, and this long, no further one is begun. */
const enoughMs = 20_000;
/** Time ÷ llama.cpp's, at most: within 15 % and 25 % of its tokens a second. */
const limits: Readonly<Record<(typeof contexts)[number], number>> = {
  128: 1 / 0.85,
  1024: 1 / 0.75,
};

const fileOf = (model: TextModelFiles): string => path.join(model.folder, 'model.gguf');
const LlamaReport = z.array(z.looseObject({ samples_ns: z.array(z.number()) }));

export const textLlamaCpp: Scenario = {
  name: 'text-llama-cpp',
  unavailable: () =>
    existsSync(llamaBench) && textModels().every((model) => existsSync(fileOf(model)))
      ? textModelsMissing()
      : 'needs llama-bench, named in ATELIER_BENCH_LLAMA, and its models: see models/recipes/bench/llama_gguf.py',
  run: () =>
    withNativeText(async (native, cacheFolder) => {
      const figures: Figure[] = [];
      for (const model of textModels()) {
        await using lease = await openText(native, model, cacheFolder);
        for (const context of contexts)
          figures.push(...(await measure(lease.session, model, context)));
      }
      return figures;
    }),
};

/** In turns, so that what else the machine does meets both. */
async function measure(
  session: Session,
  model: TextModelFiles,
  context: (typeof contexts)[number],
): Promise<readonly Figure[]> {
  const own = { prefillMs: [] as number[], tokenMs: [] as number[] };
  const theirs = { prefillMs: [] as number[], tokenMs: [] as number[] };
  const startedAt = performance.now();
  for (let round = 0; round < 2 || performance.now() - startedAt < enoughMs; round += 1) {
    using text = await startText(session, model, context);
    own.prefillMs.push(text.prefillMs);
    const tokenMs = await text.write(tokens);
    // As llama-bench counts: the whole stretch.
    own.tokenMs.push(tokenMs.reduce((sum, ms) => sum + ms, 0) / tokens);
    theirs.prefillMs.push(await llamaMs(model, ['-p', `${context}`, '-n', '0']));
    const decode = ['-p', '0', '-n', `${tokens}`, '-d', `${context}`];
    theirs.tokenMs.push((await llamaMs(model, decode)) / tokens);
  }
  const title = `${model.name} at ${context}`;
  const perSecond = (ms: number): string => (1000 / ms).toFixed(0);
  const figure = (
    name: string,
    ownMs: readonly number[],
    theirMs: readonly number[],
    each: number,
    limit: number | null,
  ): Figure => ({
    name: `${title}: ${name} ÷ llama.cpp`,
    value: undisturbed(ownMs) / undisturbed(theirMs),
    unit: 'ratio',
    limit,
    samples: ownMs.map((ms, index) => ms / (theirMs[index] ?? ms)),
    note: `${perSecond(undisturbed(ownMs) / each)} tokens/s; llama.cpp ${perSecond(undisturbed(theirMs) / each)}`,
  });
  return [
    figure('a token', own.tokenMs, theirs.tokenMs, 1, limits[context]),
    figure('reading the prompt', own.prefillMs, theirs.prefillMs, context, null),
  ];
}

/** One run of llama-bench after its own warm-up, ms. */
async function llamaMs(model: TextModelFiles, what: readonly string[]): Promise<number> {
  const threads = `${availableParallelism()}`;
  const settings = ['-m', fileOf(model), '-t', threads, '-r', '1', '-o', 'json'];
  const { stdout } = await promisify(execFile)(llamaBench, [...settings, ...what]);
  const [nanoseconds = NaN] = LlamaReport.parse(JSON.parse(stdout))[0]?.samples_ns ?? [];
  return nanoseconds / 1e6;
}
