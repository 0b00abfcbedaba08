/** That guessing changes no distribution: chi-square tests with fixed seeds, at the 0.1 % level. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { DraftSettings } from '../../../contract/decoding.ts';
import { type SamplingSettings, type WriteEvent, WriteRequest } from '../../../contract/write.ts';
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

type Samplers = Partial<SamplingSettings>;

const lively: Samplers = {
  repetitionPenalty: 1.3,
  frequencyPenalty: 0.4,
  presencePenalty: 0.2,
  dryMultiplier: 0.5,
};

describe('sampled text', () => {
  const prompt = 'The old man';
  const runs = 900;

  /** What a coin decides at each place, with its odds. */
  type Mixture = readonly (readonly [odds: number, sampling: Samplers])[];

  /** Probability of every pair of tokens that may follow, from the model alone. */
  async function pairs(mixture: Mixture): Promise<Map<string, number>> {
    const model = await tiny.load('qwen3');
    await using sessions = await borrowTextSessions(tiny.pool, model, null);
    using decoder = createDecoder(sessions, model);
    const history = model.tokenizer.encode(prompt);
    const logits = await decoder.prefill(history);
    const after = new Map<number, Float32Array>();
    const odds = new Map<string, number>();
    for (const [firstOdds, firstSampling] of mixture) {
      for (const [secondOdds, secondSampling] of mixture) {
        const chooserOf = (sampling: Samplers) =>
          createTokenChooser(model, WriteRequest.parse({ modelId: 'qwen3', sampling }), 0);
        const first = chooserOf(firstSampling);
        const shaped = first.distribution(logits, history);
        if (!shaped) throw new Error('Nothing follows.');
        const p = softmax(shaped.logits);
        for (const [index, id] of shaped.tokenIds.entries()) {
          let row = after.get(id);
          if (!row) {
            using branch = await decoder.fork();
            row = await branch.forward([id]);
            after.set(id, row);
          }
          // Where a coin decides, nothing else is carried from token to token.
          const second = mixture.length === 1 ? first : chooserOf(secondSampling);
          first.distribution(logits, history);
          second.follow([id]);
          const next = second.distribution(row, [...history, id]);
          const q = softmax(next?.logits ?? new Float32Array([0]));
          for (const [at, nextId] of (next?.tokenIds ?? new Int32Array()).entries()) {
            const cell = `${id} ${nextId}`;
            const weight = firstOdds * secondOdds * (p[index] ?? 0) * (q[at] ?? 0);
            odds.set(cell, (odds.get(cell) ?? 0) + weight);
          }
          second.follow([]);
        }
      }
    }
    return odds;
  }

  const samplers = {
    'the likeliest three': [[1, { topK: 3 }]],
    'min-p, penalties and DRY': [[1, { ...lively, minP: 0.4, temperature: 0.9 }]],
    'what XTC leaves of five': [
      [0.5, { topK: 5, xtcProbability: 1, xtcThreshold: 0.1 }],
      [0.5, { topK: 5 }],
    ],
    Mirostat: [[1, { mirostatTau: 2, mirostatEta: 1, temperature: 0.3, ...lively }]],
  } as const satisfies Record<string, Mixture>;

  const drafts = [
    { kind: 'model', modelId: 'smollm', tokens: 3 },
    { kind: 'prompt-lookup', ngram: 1, tokens: 3 },
  ] as const;

  it.each(
    Object.entries(samplers).flatMap(([name, mixture]) =>
      drafts.map((draft) => ({ name, mixture, draft })),
    ),
  )('keeps its distribution when drafted by $draft.kind: $name', async ({ mixture, draft }) => {
    const model = await tiny.load('qwen3');
    const draftModel = await tiny.load('smollm');
    const [[odds, first]] = mixture;
    const sampling = mixture.length === 1 ? first : { ...first, xtcProbability: odds };
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
    expectDistribution(counts, await pairs(mixture));
    if (draft.kind === 'model') {
      expect(drafted).toBeGreaterThan(0);
      expect(accepted).toBeLessThan(drafted);
    }
  });
});

describe('a drafted text', () => {
  const drafts = {
    'no draft': null,
    'a model': { kind: 'model', modelId: 'smollm', tokens: 3 },
    'itself as a model': { kind: 'model', modelId: 'qwen3', tokens: 4 },
    'prompt lookup': { kind: 'prompt-lookup', ngram: 2, tokens: 6 },
  } as const;
  type Outcome = Extract<WriteEvent, { kind: 'done' }> & { readonly text: string };

  async function written(
    draft: z.input<typeof DraftSettings> | null,
    change: Partial<z.input<typeof WriteRequest>>,
  ): Promise<Outcome> {
    const model = await tiny.load('qwen3');
    const family = draft?.kind === 'model' && draft.modelId === 'smollm' ? 'smollm' : 'qwen3';
    const draftModel = await tiny.load(family);
    const request = WriteRequest.parse({
      modelId: 'qwen3',
      prompt: 'one two one two one two one two',
      maxTokens: 40,
      seed: 3,
      draft,
      ...change,
    });
    let text = '';
    for await (const event of generateText(tiny.pool, model, request, {
      drawSeed: () => 0,
      draftModel,
    })) {
      if (event.kind === 'token') text += event.text;
      if (event.kind === 'done') return { ...event, text };
    }
    throw new Error('The text does not end.');
  }

  const others = Object.entries(drafts).filter(([name]) => name !== 'no draft');

  it.each(others)('is the greedy text with penalties, by %s', async (_name, draft) => {
    const change = { sampling: { temperature: 0, ...lively, noRepeatNgram: 3 } };
    const own = await written(null, change);
    expect((await written(draft, change)).text).toBe(own.text);
  });

  it.each(others)(
    'takes banned phrases back as a text without drafts does, by %s',
    async (_name, draft) => {
      const free = await written(null, { sampling: { temperature: 0 } });
      const bannedPhrases = [free.text.slice(0, 3), free.text.slice(8, 14)];
      const change = { sampling: { temperature: 0 }, bannedPhrases };
      const own = await written(null, change);
      const drafted = await written(draft, change);
      expect(own.text).not.toBe(free.text);
      expect(drafted.text).toBe(own.text);
      expect(drafted.tokens).toBe(own.tokens);
      for (const phrase of bannedPhrases)
        expect(drafted.text.toLowerCase()).not.toContain(phrase.toLowerCase());
    },
  );

  it.each(others)('has the form that it must take, by %s', async (_name, draft) => {
    const schema = {
      type: 'array',
      items: { enum: ['one', 'two'] },
      minItems: 6,
      maxItems: 8,
    };
    const change = {
      sampling: { temperature: 0 },
      maxTokens: 200,
      constraint: { kind: 'json-schema', schema } as const,
    };
    const own = await written(null, change);
    const drafted = await written(draft, change);
    expect(drafted.text).toBe(own.text);
    expect(drafted.reason).toBe('end-of-text');
    expect(JSON.parse(drafted.text)).toHaveLength(8);
    const lively = { ...change, sampling: { temperature: 1.2 } };
    const items: unknown = JSON.parse((await written(draft, lively)).text);
    for (const item of items as unknown[]) expect(['one', 'two']).toContain(item);
  });

  it('by prompt lookup is the same for a seed with every sampler', async () => {
    const sampling = { ...lively, xtcProbability: 0.5, mirostatTau: 2, temperature: 0.25 };
    const own = await written(null, { sampling });
    const drafted = await written({ kind: 'prompt-lookup', ngram: 1, tokens: 4 }, { sampling });
    expect(drafted.text).toBe(own.text);
    expect(drafted.draftedTokens).toBeGreaterThan(0);
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
