/** That guessing changes no distribution: chi-square tests with fixed seeds, at the 0.1 % level. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WriteRequest } from '../../../contract/write.ts';
import { createTokenChooser } from './choose-token.ts';
import { createDecoder } from './decoder.ts';
import { generateText } from './generate.ts';
import { softmax } from './logits/softmax.ts';
import { createPromptLookup } from './prompt-lookup.ts';
import { draw } from './sampling/draw.ts';
import { createUniform } from './sampling/xoshiro.ts';
import { verifyToken } from './speculative-sampling.ts';
import { borrowTextSessions } from './text-sessions.ts';
import { openTinyModels, type TinyModels } from './tiny-models.fixture.ts';

let tiny: TinyModels;
beforeAll(async () => {
  tiny = await openTinyModels();
});
afterAll(() => tiny[Symbol.asyncDispose]());

/** Value that chi-square exceeds once in a thousand. Wilson and Hilferty 1931. */
function limit(degrees: number): number {
  const z = 3.09;
  return degrees * (1 - 2 / (9 * degrees) + z * Math.sqrt(2 / (9 * degrees))) ** 3;
}

/** Cells that are expected less than five times count as one. */
function expectDistribution(
  counts: ReadonlyMap<string, number>,
  odds: ReadonlyMap<string, number>,
): void {
  const runs = counts.values().reduce((sum, count) => sum + count, 0);
  for (const cell of counts.keys()) expect(odds.has(cell)).toBe(true);
  let [rareCount, rareExpected, sum, cells] = [0, 0, 0, 0];
  for (const [cell, probability] of odds) {
    const expectedCount = probability * runs;
    const count = counts.get(cell) ?? 0;
    if (expectedCount < 5) {
      rareCount += count;
      rareExpected += expectedCount;
      continue;
    }
    sum += (count - expectedCount) ** 2 / expectedCount;
    cells += 1;
  }
  if (rareExpected > 0) {
    sum += (rareCount - rareExpected) ** 2 / rareExpected;
    cells += 1;
  }
  expect(cells).toBeGreaterThan(3);
  expect(sum).toBeLessThan(limit(cells - 1));
}

describe('a drafted token that is checked', () => {
  const own = { tokenIds: Int32Array.of(0, 1, 2, 3), logits: Float32Array.of(1, 0.2, -0.5, -1) };
  const drafts = {
    alike: { tokenIds: Int32Array.of(3, 2, 1, 0), logits: Float32Array.of(-0.8, -0.5, 0.4, 0.7) },
    contrary: { tokenIds: Int32Array.of(0, 1, 2, 3), logits: Float32Array.of(-2, 0, 1, 2) },
    'of other tokens': { tokenIds: Int32Array.of(2, 3, 9), logits: Float32Array.of(0, 0, 0) },
  };

  it.each(Object.entries(drafts))(
    'against a draft that is %s keeps the distribution',
    (_name, draft) => {
      const uniform = createUniform(11);
      const counts = new Map<string, number>();
      for (let run = 0; run < 20_000; run += 1) {
        const { tokenId } = verifyToken(own, draft, draw(draft, uniform()), uniform);
        counts.set(String(tokenId), (counts.get(String(tokenId)) ?? 0) + 1);
      }
      const p = softmax(own.logits);
      expectDistribution(counts, new Map(Array.from(p, (value, id) => [String(id), value])));
    },
  );

  it('is accepted whenever both agree', () => {
    const uniform = createUniform(12);
    for (let run = 0; run < 1000; run += 1)
      expect(verifyToken(own, own, draw(own, uniform()), uniform).isAccepted).toBe(true);
  });
});

describe('sampled text', () => {
  const sampling = { temperature: 1, topK: 3, topP: 1, minP: 0, repetitionPenalty: 1 };
  const prompt = 'The old man';
  const runs = 900;

  /** Probability of every pair of tokens that may follow, from the model alone. */
  async function pairs(): Promise<Map<string, number>> {
    const model = await tiny.load('qwen3');
    const request = WriteRequest.parse({ modelId: 'qwen3', sampling });
    const chooser = createTokenChooser(model, request, 0);
    await using sessions = await borrowTextSessions(tiny.pool, model, null);
    using decoder = createDecoder(sessions, model);
    const history = model.tokenizer.encode(prompt);
    const odds = new Map<string, number>();
    const first = chooser.distribution(await decoder.prefill(history), history);
    const p = softmax(first.logits);
    for (const [index, id] of first.tokenIds.entries()) {
      using branch = await decoder.fork();
      const second = chooser.distribution(await branch.forward([id]), [...history, id]);
      const q = softmax(second.logits);
      for (const [at, next] of second.tokenIds.entries())
        odds.set(`${id} ${next}`, (p[index] ?? 0) * (q[at] ?? 0));
    }
    return odds;
  }

  it.each([
    { kind: 'model', modelId: 'smollm', tokens: 3 },
    { kind: 'prompt-lookup', ngram: 1, tokens: 3 },
  ] as const)('keeps its distribution when drafted by $kind', async (draft) => {
    const model = await tiny.load('qwen3');
    const draftModel = await tiny.load('smollm');
    const counts = new Map<string, number>();
    let [drafted, accepted] = [0, 0];
    for (let seed = 0; seed < runs; seed += 1) {
      const request = WriteRequest.parse({
        modelId: 'qwen3',
        prompt,
        maxTokens: 3,
        sampling,
        seed,
        draft,
      });
      const ids: number[] = [];
      for await (const event of generateText(tiny.pool, model, request, {
        drawSeed: () => 0,
        draftModel,
      })) {
        if (event.kind === 'token') ids.push(event.tokenId);
        if (event.kind === 'done') {
          drafted += event.draftedTokens;
          accepted += event.acceptedTokens;
        }
      }
      const cell = ids.slice(0, 2).join(' ');
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
    expectDistribution(counts, await pairs());
    if (draft.kind === 'model') {
      expect(drafted).toBeGreaterThan(0);
      expect(accepted).toBeLessThan(drafted);
    }
  });
});

describe('prompt lookup', () => {
  it('goes on as the longest and latest match did', async () => {
    using lookup = createPromptLookup(3, 4);
    const propose = async (history: readonly number[], most = 8): Promise<readonly number[]> =>
      (await lookup.propose(history, most)).tokenIds;
    expect(await propose([1, 2, 3, 4, 5, 9, 1, 2, 3])).toEqual([4, 5, 9, 1]);
    expect(await propose([7, 2, 3, 4, 8, 2, 3, 5, 6, 2, 3])).toEqual([5, 6, 2, 3]);
    expect(await propose([1, 2, 3, 4, 5, 9, 1, 2, 3], 2)).toEqual([4, 5]);
    expect(await propose([1, 2, 3])).toEqual([]);
    expect(await propose([4, 4, 4])).toEqual([4]);
  });
});
