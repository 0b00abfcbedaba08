import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SamplingSettings, type WriteEvent, WriteRequest } from '../../../contract/write.ts';
import { runtimeParts } from '../runtime/runtimes.fixture.ts';
import { createSessionPool, type OnnxSessionPool } from '../runtime/session-pool.ts';
import { fitPrompt } from './context-window.ts';
import { generateText } from './generate.ts';
import { loadTextModel, type TextModel } from './text-model.ts';

const folder = fileURLToPath(new URL('../../../models/starter/text', import.meta.url));
const ids = z.array(z.number());
const golden = z
  .object({
    greedy: z.array(z.object({ prompt: z.string(), promptIds: ids, ids })),
    tokens: z.array(z.object({ text: z.string(), ids })),
  })
  .parse(JSON.parse(readFileSync(path.join(folder, 'golden.json'), 'utf8')));

let pool: OnnxSessionPool;
let model: TextModel;
let temporary: string;

beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'atelier-language-'));
  pool = createSessionPool({
    ...(await runtimeParts()),
    provider: 'cpu',
    threads: 1,
    memoryBudgetBytes: 2 ** 30,
    cacheFolder: temporary,
  });
  model = await loadTextModel({ id: 'starter', folder });
});
afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(temporary, { recursive: true, force: true });
});

const greedy = SamplingSettings.parse({ temperature: 0 });
const lively = { ...greedy, temperature: 0.9, topP: 0.95 };

async function write(change: Partial<WriteRequest>, signal = new AbortController().signal) {
  const request = WriteRequest.parse({
    modelId: 'starter',
    prompt: 'Once upon a time',
    maxTokens: 40,
    sampling: greedy,
    seed: 1,
    ...change,
  });
  const events: WriteEvent[] = [];
  for await (const event of generateText(pool, model, request, { signal, drawSeed: () => 0 }))
    events.push(event);
  const tokens = events.filter((event) => event.kind === 'token');
  const done = events.at(-1);
  if (done?.kind !== 'done') throw new Error('The last event is not `done`.');
  return { events, tokens, done, text: tokens.map(({ text }) => text).join('') };
}

describe('writing with the starter model', () => {
  it.each(golden.tokens)(
    'reads $text as the reference tokenizer does',
    ({ text, ids: expected }) => {
      expect(model.tokenizer.encode(text)).toEqual(expected);
    },
  );

  it.each(golden.greedy)(
    'continues $prompt greedily as transformers does',
    async ({ prompt, ids: expected }) => {
      const { tokens } = await write({ prompt, maxTokens: expected.length });
      const own = tokens.map(({ tokenId }) => tokenId);
      expect(own).toEqual(expected.slice(0, own.length));
      expect(own.length === expected.length || model.endIds.has(expected[own.length] ?? -1)).toBe(
        true,
      );
    },
  );

  it('repeats itself for the same seed and not for another', async () => {
    const [first, again, other] = [
      await write({ sampling: lively, seed: 5 }),
      await write({ sampling: lively, seed: 5 }),
      await write({ sampling: lively, seed: 6 }),
    ];
    expect(again.text).toBe(first.text);
    expect(other.text).not.toBe(first.text);
  });

  it('reads a long prompt piece by piece as it does token by token', async () => {
    const prompt = 'The old man opened the door and looked at the sea. '.repeat(20);
    const { tokens } = await write({ prompt, maxTokens: 12 });
    const grown = await write({
      prompt:
        prompt +
        tokens
          .slice(0, 6)
          .map(({ text }) => text)
          .join(''),
      maxTokens: 6,
    });
    expect(grown.tokens.map(({ tokenId }) => tokenId)).toEqual(
      tokens.slice(6).map(({ tokenId }) => tokenId),
    );
  });

  it('reports alternatives with probabilities, the chosen token among them when greedy', async () => {
    const { tokens } = await write({ topAlternatives: 5, maxTokens: 5 });
    for (const { tokenId, probability, alternatives } of tokens) {
      expect(alternatives).toHaveLength(5);
      expect(alternatives[0]).toMatchObject({ tokenId, probability });
      const falling = alternatives.map((alternative) => alternative.probability);
      expect(falling).toEqual(falling.toSorted((a, b) => b - a));
      expect(falling.reduce((sum, p) => sum + p, 0)).toBeLessThanOrEqual(1.0001);
    }
  });

  it('ends before a stop text, also one that spans tokens, and says so', async () => {
    const free = await write({});
    const stop = free.text.slice(9, 16);
    const stopped = await write({ stop: ['never to be seen', stop] });
    expect(stopped.text).toBe(free.text.slice(0, free.text.indexOf(stop)));
    expect(stopped.done.reason).toBe('stop-string');
  });

  it('begins from nothing, and from any characters', async () => {
    for (const prompt of ['', '🐈‍⬛ 猫', 'مرحبا \u202e'])
      expect((await write({ prompt, maxTokens: 3 })).tokens.length).toBeGreaterThan(0);
  });

  it('drops the beginning of a prompt that is longer than the context, and says how much', async () => {
    const { events } = await write({ prompt: 'word '.repeat(5000), maxTokens: 4 });
    const start = events[0];
    expect(start?.kind === 'start' && start.droppedTokens > 4000).toBe(true);
    expect(
      fitPrompt([0, 1, 2, 3, 4, 5, 6, 7], { contextLength: 8, startId: 0 }, 2).promptIds,
    ).toEqual([0, 3, 4, 5, 6, 7]);
  });

  it('writes until the context is full, and says so', async () => {
    const { done } = await write({
      prompt: 'word '.repeat(5000),
      maxTokens: 100_000,
      sampling: { ...lively, repetitionPenalty: 1.3 },
    });
    expect(['context-full', 'end-of-text']).toContain(done.reason);
  });

  it('stops at once when cancelled', async () => {
    const controller = new AbortController();
    const events: WriteEvent[] = [];
    const request = WriteRequest.parse({
      modelId: 'starter',
      prompt: 'Once',
      maxTokens: 500,
      sampling: greedy,
      seed: 1,
    });
    await expect(
      (async () => {
        for await (const event of generateText(pool, model, request, {
          signal: controller.signal,
          drawSeed: () => 0,
        })) {
          events.push(event);
          if (events.length === 4) controller.abort();
        }
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(events).toHaveLength(4);
  });
});

describe('a damaged text model', () => {
  it.each([
    ['config.json', 'cut'],
    ['tokenizer.json', 'cut'],
    ['tokenizer.json', 'nonsense'],
    ['onnx/model.onnx', 'cut'],
    ['onnx/model.onnx', 'nonsense'],
    ['onnx/model.onnx', 'missing'],
  ])('with %s %s is refused by name', async (name, damage) => {
    const copy = await mkdtemp(path.join(temporary, 'damaged-'));
    await cp(folder, copy, { recursive: true });
    const file = path.join(copy, name);
    if (damage === 'cut') await truncate(file, 1000);
    if (damage === 'nonsense') await writeFile(file, '{"nonsense": true}');
    if (damage === 'missing') await rm(file);
    const failure = await (async () => {
      const damaged = await loadTextModel({ id: copy, folder: copy });
      const request = WriteRequest.parse({
        modelId: 'x',
        prompt: 'a',
        maxTokens: 1,
        sampling: greedy,
      });
      for await (const _ of generateText(pool, damaged, request, { drawSeed: () => 0 }));
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'StudioError',
      code: expect.stringMatching(/^model-(invalid|missing)$/),
    });
    expect(String(failure)).toContain(path.basename(name));
  });
});
