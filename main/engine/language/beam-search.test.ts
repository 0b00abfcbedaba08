/** Against transformers: golden data by models/recipes/golden/tiny_decoders.py; ids exactly, scores within 1e-3. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WriteRequest } from '../../../contract/write.ts';
import { beamSearch } from './beam-search.ts';
import { createTokenChooser } from './choose-token.ts';
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
    'searches $num_beams beams as transformers does (penalties $length_penalty and $repetition_penalty, early stopping $early_stopping)',
    async ({ num_beams, length_penalty, early_stopping, ids, scores, ...penalties }) => {
      const model = await tiny.load(family);
      await using sessions = await borrowTextSessions(tiny.pool, model, null);
      using decoder = createDecoder(sessions, model);
      const { repetition_penalty: repetitionPenalty, no_repeat_ngram_size: noRepeatNgram } =
        penalties;
      const sampling = { temperature: 0, repetitionPenalty, noRepeatNgram };
      const chooser = createTokenChooser(
        model,
        WriteRequest.parse({ modelId: family, sampling }),
        0,
      );
      const beams = await beamSearch(decoder, await decoder.prefill(golden.promptIds), {
        numBeams: num_beams,
        lengthPenalty: length_penalty,
        earlyStopping: early_stopping,
        maxTokens: 16,
        endIds: new Set(golden.endIds),
        shape(logProbabilities, tokenIds) {
          chooser.follow(tokenIds);
          return chooser.shape(logProbabilities, [...golden.promptIds, ...tokenIds]);
        },
      });
      expect(beams.map(({ tokenIds }) => tokenIds)).toEqual(ids);
      for (const [index, { score }] of beams.entries())
        expect(score).toBeCloseTo(scores[index] ?? NaN, 3);
    },
  );
});
