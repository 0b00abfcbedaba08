/** The engine's decode loop beside `generate()` of transformers.js, with the same files, prompts and cores. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Session } from '../../main/engine/session.ts';
import { type Figure, type Scenario, undisturbed } from '../figure.ts';
import {
  benchPrompt,
  openText,
  startText,
  textModels,
  textModelsMissing,
  withNativeText,
  type TextModelFiles,
} from '../text-model.ts';
import type { GenerateOrder, GenerateReport } from '../transformers-js.ts';

const contexts = [128, 1024] as const;
const tokens = 24;
/** After two rounds, and this long, no further one is begun. */
const enoughMs = 20_000;
/** Threads of the one still spin for some time when it is done, and would take cores from the other. */
const restMs = 250;
/** Time of a token ÷ that of `generate()`, at most: 1.6 and 3 times as many tokens a second. */
const limits: Readonly<Record<(typeof contexts)[number], number>> = { 128: 1 / 1.6, 1024: 1 / 3 };

const baselines = fileURLToPath(new URL('../baselines/', import.meta.url));
const program = fileURLToPath(new URL('../transformers-js.ts', import.meta.url));

export const textTransformersJs: Scenario = {
  name: 'text-transformers-js',
  unavailable: () =>
    existsSync(`${baselines}node_modules/@huggingface/transformers`)
      ? textModelsMissing()
      : 'install with: npm ci --ignore-scripts --prefix bench/baselines',
  run: () =>
    withNativeText(async (native, cacheFolder) => {
      const figures: Figure[] = [];
      for (const model of textModels()) {
        await using lease = await openText(native, model, cacheFolder);
        const child = fork(program, [model.folder]);
        try {
          await answer(child);
          for (const context of contexts)
            figures.push(...(await measure(lease.session, child, model, context)));
        } finally {
          child.kill();
        }
      }
      return figures;
    }),
};

/** In turns, so that what else the machine does meets both; each reads its prompt anew every time. */
async function measure(
  session: Session,
  child: ChildProcess,
  model: TextModelFiles,
  context: (typeof contexts)[number],
): Promise<readonly Figure[]> {
  const isSmall = model.name.startsWith('135m');
  const own = { prefillMs: [] as number[], tokenMs: [] as number[] };
  const theirs = { prefillMs: [] as number[], tokenMs: [] as number[] };
  let sameTokens = tokens;
  const startedAt = performance.now();
  for (let round = 0; round < 2 || performance.now() - startedAt < enoughMs; round += 1) {
    await sleep(restMs);
    using text = await startText(session, model, context);
    own.prefillMs.push(text.prefillMs);
    own.tokenMs.push(...(await text.write(tokens - 1)));
    const order: GenerateOrder = { promptIds: benchPrompt(model, context), tokens };
    await sleep(restMs);
    child.send(order);
    const report = (await answer(child)) as GenerateReport;
    theirs.prefillMs.push(report.prefillMs);
    theirs.tokenMs.push(...report.tokenMs);
    const differs = report.tokenIds.findIndex((id, index) => id !== text.tokenIds[index]);
    if (differs >= 0) sameTokens = Math.min(sameTokens, differs);
  }
  const title = `${model.name} at ${context}`;
  const perSecond = (ms: number): string => (1000 / ms).toFixed(0);
  return [
    {
      name: `${title}: a token ÷ transformers.js`,
      value: undisturbed(own.tokenMs) / undisturbed(theirs.tokenMs),
      unit: 'ratio',
      // Reading 1 GB of weights takes both the same time.
      limit: isSmall ? limits[context] : null,
      samples: own.tokenMs.map((ms, index) => ms / (theirs.tokenMs[index] ?? ms)),
      note: `${perSecond(undisturbed(own.tokenMs))} tokens/s; transformers.js ${perSecond(undisturbed(theirs.tokenMs))}; the first ${sameTokens} of ${tokens} are the same`,
    },
    {
      name: `${title}: reading the prompt ÷ transformers.js`,
      value: undisturbed(own.prefillMs) / undisturbed(theirs.prefillMs),
      unit: 'ratio',
      limit: 1,
      samples: own.prefillMs.map((ms, index) => ms / (theirs.prefillMs[index] ?? ms)),
      note: `${perSecond(undisturbed(own.prefillMs) / context)} tokens/s; transformers.js ${perSecond(undisturbed(theirs.prefillMs) / context)}`,
    },
  ];
}

/** @throws {Error} if the process ends instead */
async function answer(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: over.signal }).then(([message]: unknown[]) => message),
      once(child, 'exit', { signal: over.signal }).then(([code]: unknown[]) => {
        throw new Error(`transformers.js ended with ${String(code)}.`);
      }),
    ]);
  } finally {
    over.abort();
  }
}
