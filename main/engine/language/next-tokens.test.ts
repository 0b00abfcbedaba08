/** What is told of the next token is what a generation draws it from. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { NextTokenRequest, type NextToken } from '../../../contract/reading.ts';
import { SamplingSettings, WriteRequest } from '../../../contract/write.ts';
import { generateText } from './generate.ts';
import { createNextTokenReader, nextTokens } from './next-tokens.ts';
import { createPrefixCache } from './prefix-cache.ts';
import { goldenOf, openTinyModels, type TinyModels } from './tiny-models.fixture.ts';

let tiny: TinyModels;
beforeAll(async () => {
  tiny = await openTinyModels();
});
afterAll(() => tiny[Symbol.asyncDispose]());

const vocabulary = {
  tokenizer: {
    textOf: (id: number) => `t${id}`,
    bytesOf: (id: number) => new TextEncoder().encode(`t${id}`),
  },
  endIds: new Set([4]),
} as unknown as Parameters<typeof nextTokens>[2];

/** Five tokens of the probabilities 0.5, 0.25, 0.125, 0.0625, 0.0625. */
const logits = Float32Array.from([0.5, 0.25, 0.125, 0.0625, 0.0625], Math.log);

function told(sampling: z.input<typeof SamplingSettings>, history: readonly number[] = []) {
  return nextTokens(logits, history, vocabulary, {
    sampling: SamplingSettings.parse(sampling),
    topTokens: 5,
  });
}
const drawn = (tokens: readonly NextToken[]) => tokens.map((token) => token.drawnProbability);

describe('the distribution over the next token', () => {
  it('is the model’s own where no sampler is on, with its entropy', () => {
    const { tokens, entropyBits, drawnEntropyBits, cuts, vocabularySize } = told({});
    for (const { probability, drawnProbability, cutBy } of tokens) {
      expect(drawnProbability).toBeCloseTo(probability, 6);
      expect(cutBy).toBeNull();
    }
    expect(tokens.map(({ isEnd }) => isEnd)).toEqual([false, false, false, false, true]);
    expect(entropyBits).toBeCloseTo(1.875, 5);
    expect(drawnEntropyBits).toBeCloseTo(1.875, 5);
    expect({ cuts, vocabularySize }).toEqual({ cuts: [], vocabularySize: 5 });
  });

  it('names the stage that took a token out, in the order in which the stages act', () => {
    const { tokens, cuts } = told({ topK: 4, topP: 0.7, minP: 0 });
    expect(tokens.map(({ cutBy }) => cutBy)).toEqual([null, null, 'top-p', 'top-p', 'top-k']);
    expect(cuts).toEqual([
      { by: 'top-k', tokensLeft: 4 },
      { by: 'top-p', tokensLeft: 2 },
    ]);
    expect(drawn(tokens)[0]).toBeCloseTo(2 / 3, 5);
  });

  it('is sharper below temperature 1, and one token at 0', () => {
    const squares = [0.25, 0.0625, 0.015625, 0.00390625, 0.00390625];
    const sum = squares.reduce((a, b) => a + b);
    for (const [index, value] of drawn(told({ temperature: 0.5 }).tokens).entries())
      expect(value).toBeCloseTo((squares[index] ?? 0) / sum, 5);
    const greedy = told({ temperature: 0 });
    expect(drawn(greedy.tokens)).toEqual([1, 0, 0, 0, 0]);
    expect(greedy.tokens[1]?.cutBy).toBe('greedy');
    expect(greedy.drawnEntropyBits).toBe(0);
  });

  it('weighs what XTC does by how often it does it', () => {
    const { tokens } = told({ xtcProbability: 0.4, xtcThreshold: 0.2 });
    // The likelier of the two above the threshold is left out in four draws of ten.
    expect(tokens[0]?.drawnProbability).toBeCloseTo(0.6 * 0.5, 5);
    expect(tokens[1]?.drawnProbability).toBeCloseTo(0.6 * 0.25 + 0.4 * 0.5, 5);
    expect(tokens.map(({ cutBy }) => cutBy)).toEqual(['xtc', null, null, null, null]);
  });

  it('is cut by Mirostat in place of the others, and bent by penalties of the text', () => {
    const { tokens } = told({ mirostatTau: 1.2, topK: 1 });
    expect(tokens.map(({ cutBy }) => cutBy)).toEqual([
      null,
      null,
      'mirostat',
      'mirostat',
      'mirostat',
    ]);
    const penalised = told({ presencePenalty: Math.LN2 }, [0]).tokens;
    expect(penalised[0]?.drawnProbability).toBeCloseTo(0.25 / 0.75, 5);
  });
});

describe('asked of a model', () => {
  it('tells what a generation draws its first token from, and reads the text once', async () => {
    const model = await tiny.load('smollm');
    using prefixes = createPrefixCache(2 ** 24);
    const reader = createNextTokenReader();
    const { prompt } = goldenOf('smollm');
    const ask = (sampling: z.input<typeof SamplingSettings>) =>
      reader.read(
        tiny.pool,
        model,
        NextTokenRequest.parse({ modelId: 'smollm', prompt, sampling, topTokens: 8 }),
        { prefixes },
      );
    const first = await ask({});
    const request = WriteRequest.parse({
      modelId: 'smollm',
      prompt,
      maxTokens: 1,
      topAlternatives: 8,
      sampling: { temperature: 0 },
    });
    const events = [];
    for await (const event of generateText(tiny.pool, model, request, {
      drawSeed: () => 1,
      prefixes,
    }))
      events.push(event);
    const token = events.find((event) => event.kind === 'token');
    const start = events.find((event) => event.kind === 'start');
    expect(first.tokens.map(({ tokenId, probability }) => ({ tokenId, probability }))).toEqual(
      token?.alternatives.map(({ tokenId, probability }) => ({ tokenId, probability })),
    );
    expect(start?.isReproducible).toBe(true);

    const other = await ask({ topK: 1 });
    expect(other.tokens[0]?.drawnProbability).toBe(1);
    expect(other.entropyBits).toBe(first.entropyBits);
  });

  it('stops when it is told to', async () => {
    const model = await tiny.load('smollm');
    using prefixes = createPrefixCache(2 ** 24);
    const request = NextTokenRequest.parse({
      modelId: 'smollm',
      prompt: goldenOf('smollm').prompt,
    });
    await expect(
      createNextTokenReader().read(tiny.pool, model, request, {
        prefixes,
        signal: AbortSignal.abort(),
      }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});
