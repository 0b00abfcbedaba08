/** Against transformers: golden data by models/recipes/golden/tiny_decoders.py; ids exactly, scores within 1e-3. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beamSearch } from './beam-search.ts';
import { createDecoder } from './decoder.ts';
import { borrowTextSessions } from './text-sessions.ts';
import { goldenOf, openTinyModels, type TinyModels } from './tiny-models.fixture.ts';

let tiny: TinyModels;
beforeAll(async () => {
  tiny = await openTinyModels();
});
afterAll(() => tiny[Symbol.asyncDispose]());

describe.each(['smollm', 'gemma2', 'gemma3'] as const)('%s', (family) => {
  const golden = goldenOf(family);
  it.each(golden.beams)(
    'searches $num_beams beams as transformers does (penalty $length_penalty, early stopping $early_stopping)',
    async ({ num_beams, length_penalty, early_stopping, ids, scores }) => {
      const model = await tiny.load(family);
      await using sessions = await borrowTextSessions(tiny.pool, model, null);
      using decoder = createDecoder(sessions, model);
      const beams = await beamSearch(decoder, await decoder.prefill(golden.promptIds), {
        numBeams: num_beams,
        lengthPenalty: length_penalty,
        earlyStopping: early_stopping,
        maxTokens: 16,
        endIds: new Set(golden.endIds),
      });
      expect(beams.map(({ tokenIds }) => tokenIds)).toEqual(ids);
      for (const [index, { score }] of beams.entries())
        expect(score).toBeCloseTo(scores[index] ?? NaN, 3);
    },
  );
});
