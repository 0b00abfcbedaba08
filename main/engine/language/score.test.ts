/** Against transformers: golden data by models/recipes/golden/tiny_decoders.py, surprisals within 1e-3 nats. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScoredToken, ScoreRequest, TokenizeRequest } from '../../../contract/reading.ts';
import { tokenizePrompt } from './prompt.ts';
import { scoreText } from './score.ts';
import {
  families,
  type Family,
  goldenOf,
  openTinyModels,
  type TinyModels,
} from './tiny-models.fixture.ts';

let tiny: TinyModels;
beforeAll(async () => {
  tiny = await openTinyModels();
});
afterAll(() => tiny[Symbol.asyncDispose]());

async function score(
  family: Family,
  text: string,
  topAlternatives = 0,
  signal?: AbortSignal,
): Promise<{ readonly tokens: ScoredToken[]; readonly dones: number[]; readonly mean: number }> {
  const request = ScoreRequest.parse({ modelId: family, text, topAlternatives });
  const tokens: ScoredToken[] = [];
  const dones: number[] = [];
  let mean = NaN;
  for await (const event of scoreText(tiny.pool, await tiny.load(family), request, signal)) {
    if (event.kind === 'done') mean = event.meanSurprisalBits;
    else {
      tokens.push(...event.tokens);
      dones.push(event.done);
    }
  }
  return { tokens, dones, mean };
}

describe('surprisal', () => {
  it.each(families)('of every token under %s is what transformers computes', async (family) => {
    const golden = goldenOf(family);
    const { tokens, mean } = await score(family, golden.prompt, 5);
    expect(tokens.map(({ tokenId }) => tokenId)).toEqual(golden.promptIds);
    expect(tokens[0]?.surprisalBits).toBeNull();
    const nats = tokens.slice(1).map(({ surprisalBits }) => (surprisalBits ?? NaN) * Math.LN2);
    const digits = family === 'qwen2' ? 1 : 3;
    for (const [index, value] of nats.entries())
      expect(value).toBeCloseTo(golden.surprisals[index] ?? NaN, digits);
    const sum = golden.surprisals.reduce((total, value) => total + value, 0);
    expect(mean).toBeCloseTo(sum / golden.surprisals.length / Math.LN2, digits);
    for (const { alternatives } of tokens.slice(1)) expect(alternatives).toHaveLength(5);
  });

  it('of a text longer than the context comes for each token, once', async () => {
    const { prompt } = goldenOf('smollm');
    const text = Array.from({ length: 12 }, () => prompt).join(' ');
    const { tokens, dones } = await score('smollm', text);
    const { tokenizer, contextLength } = await tiny.load('smollm');
    expect(tokens.length).toBeGreaterThan(2 * contextLength);
    expect(tokens.map(({ tokenId }) => tokenId)).toEqual(tokenizer.encode(text));
    expect(tokens.filter(({ surprisalBits }) => surprisalBits === null)).toHaveLength(1);
    expect(dones.at(-1)).toBe(tokens.length);
    expect(dones).toEqual([...new Set(dones)].toSorted((a, b) => a - b));
  });

  it('of nothing is nothing', async () => {
    expect(await score('smollm', '')).toEqual({ tokens: [], dones: [], mean: 0 });
  });

  it('stops between pieces', async () => {
    const { prompt } = goldenOf('smollm');
    const controller = new AbortController();
    const request = ScoreRequest.parse({ modelId: 'smollm', text: prompt.repeat(9) });
    const scoring = (async () => {
      for await (const _ of scoreText(
        tiny.pool,
        await tiny.load('smollm'),
        request,
        controller.signal,
      ))
        controller.abort();
    })();
    await expect(scoring).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('what the model would read', () => {
  const tokenize = async (
    family: Family,
    change: object,
  ): Promise<ReturnType<typeof tokenizePrompt>> =>
    tokenizePrompt(await tiny.load(family), TokenizeRequest.parse({ modelId: family, ...change }));

  it.each([
    ['smollm', 'Hello, 猫 🐈‍⬛ naïve  café\n\nworld'],
    ['gemma3', '  Hello, 猫 🐈‍⬛ naïve  café\n\nworld '],
    ['gemma', 'The old  man 猫 saw'],
    ['gemma', `The old ${'猫'.repeat(50)} man saw`],
  ] as const)('by %s covers the text, with every letter in one token', async (family, prompt) => {
    const { text, tokens } = await tokenize(family, { prompt });
    expect(text).toBe(prompt);
    const own = tokens.filter(({ isSpecial }) => !isSpecial);
    expect(own.map(({ start, end }) => prompt.slice(start, end)).join('')).toBe(prompt);
    for (const { start, end } of tokens) expect(end).toBeGreaterThanOrEqual(start);
  });

  it('has the start token once, written out or not', async () => {
    const { startId } = await tiny.load('gemma3');
    for (const prompt of ['Hello', '<bos>Hello'])
      expect(
        (await tokenize('gemma3', { prompt })).tokens.filter(({ tokenId }) => tokenId === startId),
      ).toHaveLength(1);
  });

  it('names the ranges that are kept and cut', async () => {
    const { prompt } = goldenOf('smollm');
    const memory = 'The old man is called Tom.';
    const { tokens, keptRanges, cutRanges, contextLength } = await tokenize('smollm', {
      prompt: `${memory} ${prompt.repeat(6)}`,
      pinnedCharacters: memory.length,
    });
    const [cut] = cutRanges;
    const [head, tail] = keptRanges;
    expect(tokens[(head?.end ?? 0) - 1]?.end).toBe(memory.length);
    expect(head?.start).toBe(0);
    expect(cut).toEqual({ start: head?.end, end: tail?.start });
    expect(tail?.end).toBe(tokens.length);
    const kept = keptRanges.reduce((sum, { start, end }) => sum + end - start, 0);
    expect(kept).toBeLessThanOrEqual(contextLength);
  });

  it('cannot be a memory that is longer than the context', async () => {
    const prompt = goldenOf('smollm').prompt.repeat(6);
    await expect(
      tokenize('smollm', { prompt, pinnedCharacters: prompt.length - 5 }),
    ).rejects.toMatchObject({ code: 'too-large' });
  });
});
