/** Against transformers: golden data by models/recipes/golden/tiny_llama.py, logits within 1e-4. */
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { WriteRequest } from '../../../contract/write.ts';
import { runtimeParts } from '../runtime/runtimes.fixture.ts';
import { model as graphOf, node, valueInfo } from '../runtime/onnx-message.ts';
import { createSessionPool, type OnnxSessionPool } from '../runtime/session-pool.ts';
import type { SessionLease } from '../session.ts';
import { createDecoder } from './decoder.ts';
import { generateText } from './generate.ts';
import { argmax } from './sampling/greedy.ts';
import { loadTextModel, type TextModel } from './text-model.ts';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));
const folder = path.join(fixtures, 'tiny-llama');
const ids = z.array(z.number());
const golden = z
  .object({
    promptIds: ids,
    logits: z.array(z.number()),
    greedyIds: ids,
    tokens: z.array(z.object({ text: z.string(), ids, decoded: z.string() })),
  })
  .parse(JSON.parse(readFileSync(path.join(fixtures, 'tiny-llama.golden.json'), 'utf8')));

let temporary: string;
let pool: OnnxSessionPool;
let model: TextModel;
let lease: SessionLease;
beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'atelier-decoder-'));
  pool = createSessionPool({
    ...(await runtimeParts()),
    provider: 'cpu',
    threads: 1,
    memoryBudgetBytes: 2 ** 30,
    cacheFolder: temporary,
  });
  model = await loadTextModel({ id: 'tiny', folder });
  lease = await pool.borrow(model.id, model.graphPath);
});
afterAll(async () => {
  await lease[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
  await rm(temporary, { recursive: true, force: true });
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] ?? NaN))));
}

describe('a Llama with grouped queries', () => {
  it('is parsed from its folder, several end tokens included', () => {
    expect(model).toMatchObject({
      vocabularySize: 512,
      contextLength: 256,
      startId: 1,
      keyValueHeads: 2,
      headSize: 8,
    });
    expect([...model.endIds]).toEqual([2, 511]);
  });

  it('gives the logits of transformers for a long prompt', async () => {
    using decoder = createDecoder(lease.session, model);
    expect(largestDifference(await decoder.prefill(golden.promptIds), golden.logits)).toBeLessThan(
      1e-4,
    );
    expect(decoder.length).toBe(golden.promptIds.length);
  });

  it.each([1, 7, 64, 199, 200, 1000])(
    'reads a prompt in pieces of %i as it does whole',
    async (chunk) => {
      using decoder = createDecoder(lease.session, model, chunk);
      expect(
        largestDifference(await decoder.prefill(golden.promptIds), golden.logits),
      ).toBeLessThan(1e-4);
    },
  );

  it('continues greedily as transformers does, with the cache and without', async () => {
    using cached = createDecoder(lease.session, model);
    let logits = await cached.prefill(golden.promptIds);
    const own: number[] = [];
    for (const _ of golden.greedyIds) {
      const next = argmax(logits);
      own.push(next);
      logits = await cached.forward([next]);
    }
    expect(own).toEqual(golden.greedyIds);
    using whole = createDecoder(lease.session, model, Infinity);
    expect(
      largestDifference(await whole.prefill([...golden.promptIds, ...own]), logits),
    ).toBeLessThan(1e-4);
  });

  it('stops between pieces of a prompt when cancelled', async () => {
    using decoder = createDecoder(lease.session, model, 1);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 2);
    await expect(decoder.prefill(golden.promptIds, controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(decoder.length).toBeLessThan(golden.promptIds.length);
  });

  it('refuses tokens beyond the vocabulary', async () => {
    using decoder = createDecoder(lease.session, model);
    await expect(decoder.forward([512])).rejects.toMatchObject({ code: 'model-invalid' });
  });
});

describe('a SentencePiece-like tokenizer', () => {
  it.each(golden.tokens)(
    'reads $text as transformers does, and gives it back',
    ({ text, ids: expected, decoded }) => {
      expect(model.tokenizer.encode(text)).toEqual(text === '' ? [] : expected);
      const bytes = expected.flatMap((id) => [...model.tokenizer.bytesOf(id)]);
      const own = new TextDecoder().decode(Uint8Array.from(bytes));
      // A decoder of whole texts strips the space in front; a continuation needs it.
      expect(own.replace(/^ /, '')).toBe(decoded);
    },
  );
});

describe('graphs that do not fit', () => {
  async function openGraph(name: string, bytes: Uint8Array): Promise<StudioError> {
    const file = path.join(temporary, name);
    await writeFile(file, bytes);
    await using other = await pool.borrow(name, file);
    try {
      createDecoder(other.session, model);
    } catch (error) {
      if (error instanceof StudioError) return error;
    }
    throw new Error('It was accepted.');
  }
  const past = [
    valueInfo(11, 'past_key_values.0.key', 'float32', 4),
    valueInfo(12, 'present.0.key', 'float32', 4),
  ];

  it.each([
    [
      'without a cache',
      graphOf(
        node('Add', ['x', 'x'], ['y']),
        valueInfo(11, 'x', 'float32', 1),
        valueInfo(12, 'y', 'float32', 1),
      ),
      'without a key/value cache',
    ],
    [
      'without the grown cache',
      graphOf(
        node('Add', ['past_key_values.0.key', 'past_key_values.0.key'], ['y']),
        valueInfo(11, 'past_key_values.0.key', 'float32', 4),
        valueInfo(12, 'y', 'float32', 4),
      ),
      'present.0.key',
    ],
    [
      'with a cache of another layout',
      graphOf(node('Identity', ['past_key_values.0.key'], ['present.0.key']), ...past),
      'dimensions',
    ],
  ])('%s are refused in words', async (name, bytes, words) => {
    const error = await openGraph(`${name}.onnx`, bytes);
    expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining(words) });
  });

  it('and weights that give no numbers end in a clear error', async () => {
    const copy = path.join(temporary, 'nan');
    await cp(folder, copy, { recursive: true });
    const file = path.join(copy, 'onnx/model.onnx');
    const bytes = await readFile(file);
    // The final norm's weights are all ones: NaNs in their place.
    const ones = Buffer.from(new Float32Array(32).fill(1).buffer);
    const nans = Buffer.from(new Float32Array(32).fill(NaN).buffer);
    for (let at = bytes.indexOf(ones); at >= 0; at = bytes.indexOf(ones, at + 1))
      nans.copy(bytes, at);
    await writeFile(file, bytes);
    const broken = await loadTextModel({ id: 'nan', folder: copy });
    const sampling = {
      temperature: 1,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      penaltyWindow: 0,
    };
    const request = WriteRequest.parse({
      modelId: 'nan',
      prompt: 'a',
      maxTokens: 3,
      sampling,
      seed: 1,
    });
    const outcome = (async () => {
      for await (const _ of generateText(pool, broken, request, { drawSeed: () => 0 }));
    })();
    await expect(outcome).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('mean nothing'),
    });
  });
});

describe('absurd settings', () => {
  it.each([
    { temperature: 5 },
    { temperature: 1e-9 },
    { topP: 0 },
    { minP: 1 },
    { topK: 100_000 },
    { repetitionPenalty: 10 },
    { repetitionPenalty: 0.1, penaltyWindow: 100_000 },
  ])('%o still give text', async (change) => {
    const sampling = {
      temperature: 1,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      penaltyWindow: 64,
      ...change,
    };
    const request = WriteRequest.parse({
      modelId: 'tiny',
      prompt: 'Hello',
      maxTokens: 8,
      sampling,
      seed: 2 ** 53 - 1,
      topAlternatives: 20,
    });
    const kinds: string[] = [];
    for await (const { kind } of generateText(pool, model, request, { drawSeed: () => 0 }))
      kinds.push(kind);
    expect(kinds.at(0)).toBe('start');
    expect(kinds.at(-1)).toBe('done');
  });
});
