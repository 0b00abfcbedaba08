/**
 * Against transformers: golden data by models/recipes/golden/tiny_decoders.py. Logits within 1e-3, those of
 * float16 weights within 2e-2; ids exactly.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createDecoder } from './decoder.ts';
import { argmax } from './sampling/greedy.ts';
import { borrowTextSessions, type TextSessions } from './text-sessions.ts';
import {
  families,
  fixtures,
  goldenOf,
  openTinyModels,
  type TinyModels,
} from './tiny-models.fixture.ts';
import { createTextTokenizer } from './tokenizer.ts';
import type { TextModel } from './text-model.ts';

let tiny: TinyModels;
beforeAll(async () => {
  tiny = await openTinyModels();
});
afterAll(() => tiny[Symbol.asyncDispose]());

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] ?? NaN))));
}

describe.each(families)('%s', (family) => {
  const golden = goldenOf(family);
  const tolerance = family === 'qwen2' ? 2e-2 : 1e-3;
  let model: TextModel;
  let sessions: TextSessions;
  beforeAll(async () => {
    model = await tiny.load(family);
    sessions = await borrowTextSessions(tiny.pool, model, null);
  });
  afterAll(() => sessions[Symbol.asyncDispose]());

  it('reads the prompt as transformers does', () => {
    expect(model.tokenizer.encode(golden.prompt)).toEqual(golden.promptIds);
  });

  it('gives its logits, and continues greedily as it does', async () => {
    using decoder = createDecoder(sessions, model);
    let logits = await decoder.prefill(golden.promptIds);
    expect(largestDifference(logits, golden.logits)).toBeLessThan(tolerance);
    const own: number[] = [];
    for (const _ of golden.greedyIds) {
      const next = argmax(logits);
      own.push(next);
      logits = await decoder.forward([next]);
    }
    expect(own).toEqual(golden.greedyIds);
  });

  it('goes on in pieces, from a fork and after cropping as it does at once', async () => {
    using decoder = createDecoder(sessions, model, 16);
    const half = golden.promptIds.length >> 1;
    await decoder.prefill(golden.promptIds.slice(0, half));
    using fork = await decoder.fork();
    await decoder.prefill([5, 6, 7, 8, 9]);
    await decoder.crop(half);
    for (const each of [decoder, fork]) {
      const logits = await each.prefill(golden.promptIds.slice(half));
      expect(largestDifference(logits, golden.logits)).toBeLessThan(tolerance);
      expect(each.length).toBe(golden.promptIds.length);
    }
  });

  it('continues several rows side by side as each alone', async () => {
    using decoder = createDecoder(sessions, model);
    await decoder.prefill(golden.promptIds);
    using alone = await decoder.fork();
    await decoder.select([0, 0, 0]);
    await decoder.forwardRows([5, 6, 7]);
    await decoder.select([2, 1]);
    const rows = await decoder.forwardRows([8, 9]);
    await alone.forward([7]);
    expect(largestDifference(rows[0] ?? [], await alone.forward([8]))).toBeLessThan(tolerance);
    expect(rows).toHaveLength(2);
  });
});

const Tokens = z.object({
  tokens: z.array(z.object({ text: z.string(), ids: z.array(z.number()) })),
});

describe.each(['byte-level', 'sentencepiece', 'unigram'])('a %s tokenizer', (kind) => {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(path.join(fixtures, 'tokenizers', file), 'utf8'));
  const tokenizer = createTextTokenizer(
    read(`${kind}/tokenizer.json`),
    z.looseObject({}).parse(read(`${kind}/tokenizer_config.json`)),
    kind,
  );
  it.each(Tokens.parse(read(`${kind}.golden.json`)).tokens)(
    'reads $text as transformers does',
    ({ text, ids }) => {
      expect(tokenizer.encode(text)).toEqual(text === '' ? [] : ids);
    },
  );
});
