/** How soon Stop is obeyed while a long prompt is read. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createDecoder,
  defaultPrefillChunk,
  type Decoder,
} from '../../main/engine/language/decoder.ts';
import type { Session } from '../../main/engine/session.ts';
import type { Figure, Scenario } from '../figure.ts';
import {
  benchPrompt,
  openText,
  textModels,
  textModelsMissing,
  withNativeText,
  type TextModelFiles,
} from '../text-model.ts';

const promptTokens = 1024;
const stops = 40;
/** Pieces of the prompt over which the stops are spread, the moments within a piece included. */
const pieces = 4;

export const textStop: Scenario = {
  name: 'text-stop',
  unavailable: textModelsMissing,
  run: () =>
    withNativeText(async (native, cacheFolder) => {
      const figures: Figure[] = [];
      for (const model of textModels()) {
        await using lease = await openText(native, model, cacheFolder);
        figures.push(await measure(lease.session, model));
      }
      return figures;
    }),
};

async function measure(session: Session, model: TextModelFiles): Promise<Figure> {
  const prompt = benchPrompt(model, promptTokens);
  const decoderOf = (): Decoder =>
    createDecoder({ session, allocate: (type, dims) => session.allocate(type, dims) }, model);
  using first = decoderOf();
  const startedAt = performance.now();
  await first.prefill(prompt.slice(0, pieces * defaultPrefillChunk));
  const piecesMs = performance.now() - startedAt;
  const answerMs: number[] = [];
  for (let stop = 0; stop < stops; stop += 1) {
    using decoder = decoderOf();
    const controller = new AbortController();
    const outcome = decoder.prefill(prompt, controller.signal).then(
      () => 'read',
      () => 'stopped',
    );
    await sleep((piecesMs * (stop + 1)) / stops);
    const stoppedAt = performance.now();
    controller.abort();
    // On a machine that others use as well the prompt may have been read by then.
    if ((await outcome) !== 'stopped') continue;
    answerMs.push(performance.now() - stoppedAt);
  }
  const sorted = answerMs.toSorted((a, b) => a - b);
  return {
    name: `${model.name}: Stop while the prompt is read, 95 of 100`,
    value: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Infinity,
    unit: 'ms',
    limit: 100,
    samples: answerMs,
    note: `of ${promptTokens} tokens, at ${sorted.length} moments`,
  };
}
