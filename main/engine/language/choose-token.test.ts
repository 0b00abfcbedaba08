/** What a request says about its tokens, with the starter model. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type WriteEvent, WriteRequest } from '../../../contract/write.ts';
import { runtimeParts } from '../runtime/runtimes.fixture.ts';
import { createSessionPool, type OnnxSessionPool } from '../runtime/session-pool.ts';
import { createTokenChooser } from './choose-token.ts';
import { generateText } from './generate.ts';
import { loadTextModel, type TextModel } from './text-model.ts';

const folder = fileURLToPath(new URL('../../../models/starter/text', import.meta.url));

let pool: OnnxSessionPool;
let model: TextModel;
let temporary: string;

beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'atelier-choose-'));
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

async function write(change: Partial<z.input<typeof WriteRequest>>) {
  const request = WriteRequest.parse({
    modelId: 'starter',
    prompt: 'Once upon a time',
    maxTokens: 40,
    sampling: { temperature: 0 },
    seed: 1,
    ...change,
  });
  const events: WriteEvent[] = [];
  for await (const event of generateText(pool, model, request, { drawSeed: () => 0 }))
    events.push(event);
  const tokens = events.filter((event) => event.kind === 'token');
  const done = events.at(-1);
  if (done?.kind !== 'done') throw new Error('The last event is not `done`.');
  return { tokens, done, text: tokens.map(({ text }) => text).join('') };
}

describe('tokens', () => {
  it('carry how surprising they were to the model, in bits', async () => {
    const { tokens } = await write({ sampling: { temperature: 1.3 }, maxTokens: 12 });
    for (const { probability, surprisalBits } of tokens)
      expect(2 ** -surprisalBits).toBeCloseTo(probability, 9);
  });

  it('are left out by a ban, and sought out by a bias, given as ids or as text', async () => {
    const free = await write({ maxTokens: 8 });
    const banned = free.tokens[0]?.tokenId ?? 0;
    const { tokens } = await write({ maxTokens: 8, logitBias: [{ token: banned, bias: 'ban' }] });
    expect(tokens.map(({ tokenId }) => tokenId)).not.toContain(banned);
    const bias = await write({ maxTokens: 5, logitBias: [{ token: ' girl', bias: 100 }] });
    expect(bias.text).toContain(' girl girl');
    // Probabilities stay the model's own.
    expect(bias.tokens[0]?.probability).toBeLessThan(0.5);
  });

  it('are refused a bias where there is no such token', async () => {
    await expect(write({ logitBias: [{ token: 10 ** 9, bias: 1 }] })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining(String(model.vocabularySize)),
    });
  });

  it('are chosen the same again after others were taken back', () => {
    const request = WriteRequest.parse({ modelId: 'x', prompt: '', sampling: { temperature: 0 } });
    const chooser = createTokenChooser(model, request, 1);
    const logits = new Float32Array(model.vocabularySize);
    logits.set([3, 2, 1], 100);
    expect(chooser.choose(logits, [])?.tokenId).toBe(100);
    chooser.exclude(100);
    expect(chooser.choose(logits, [])?.tokenId).toBe(101);
    chooser.accept(101);
    expect(chooser.choose(logits, [101])?.tokenId).toBe(100);
    chooser.exclude(100);
    chooser.exclude(101);
    expect(chooser.choose(logits, [101])?.tokenId).toBe(102);
    chooser.rewind(1);
    // Still left out where the text now ends, no longer after it.
    expect(chooser.choose(logits, [])?.tokenId).toBe(101);
    chooser.accept(101);
    expect(chooser.choose(logits, [101])?.tokenId).toBe(100);
  });
});

describe('banned phrases', () => {
  it('are never written, in capitals or not, and the text goes on', async () => {
    const free = await write({ maxTokens: 30 });
    const phrases = [free.text.slice(3, 12).toUpperCase(), free.text.slice(20, 26), 'the'];
    const { text, tokens, done } = await write({ maxTokens: 30, bannedPhrases: phrases });
    for (const phrase of phrases) expect(text.toLowerCase()).not.toContain(phrase.toLowerCase());
    expect(tokens).toHaveLength(done.tokens);
    expect(done.tokens).toBeGreaterThan(5);
  });

  it('leave everything else as it would have been', async () => {
    const free = await write({ maxTokens: 30 });
    expect((await write({ maxTokens: 30, bannedPhrases: ['zebra'] })).text).toBe(free.text);
  });

  it('say so where nothing else can be written', async () => {
    const constraint = { kind: 'regex', pattern: 'ba' } as const;
    await expect(write({ bannedPhrases: ['a'], constraint })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('banned'),
    });
  });
});

describe('a text that cannot go on', () => {
  it('hands out what was held back before it says why', async () => {
    const request = WriteRequest.parse({
      modelId: 'starter',
      prompt: 'Once',
      sampling: { temperature: 0 },
      constraint: { kind: 'regex', pattern: 'ba' },
      bannedPhrases: ['a'],
      stop: ['bz'],
    });
    let text = '';
    await expect(
      (async () => {
        for await (const event of generateText(pool, model, request, { drawSeed: () => 0 }))
          if (event.kind === 'token') text += event.text;
      })(),
    ).rejects.toMatchObject({ code: 'bad-request' });
    expect(text).toBe('b');
  });
});

describe('a form', () => {
  it('is kept by the starter model', async () => {
    const { text, done } = await write({
      maxTokens: 200,
      sampling: { temperature: 1.5 },
      constraint: {
        kind: 'json-schema',
        schema: {
          type: 'object',
          properties: {
            name: { type: 'string', minLength: 3, maxLength: 20 },
            age: { type: 'integer', minimum: 1, maximum: 99 },
            friends: { type: 'array', items: { enum: ['cat', '猫'] }, minItems: 2, maxItems: 2 },
          },
          required: ['name', 'age', 'friends'],
          additionalProperties: false,
        },
      },
    });
    expect(done.reason).toBe('end-of-text');
    const { name, age, friends } = JSON.parse(text) as {
      name: string;
      age: number;
      friends: string[];
    };
    expect(Array.from(name).length).toBeGreaterThanOrEqual(3);
    expect(Number.isInteger(age)).toBe(true);
    expect(friends).toHaveLength(2);
    for (const friend of friends) expect(['cat', '猫']).toContain(friend);
  });

  it('is kept greedily, with characters of several tokens, and ends with it', async () => {
    const constraint = { kind: 'grammar', gbnf: 'root ::= "猫🐈‍⬛" [0-9]{3} "\n"' } as const;
    const { text, done } = await write({ constraint });
    expect(text).toMatch(/^猫🐈‍⬛\d{3}\n$/u);
    expect(done.reason).toBe('end-of-text');
    const regex = await write({ constraint: { kind: 'regex', pattern: '(yes|no), [a-z]{4}\\.' } });
    expect(regex.text).toMatch(/^(yes|no), [a-z]{4}\.$/);
  });

  it('that cannot be followed is refused before anything is written', async () => {
    const constraint = { kind: 'json-schema', schema: { not: {} } } as const;
    await expect(write({ constraint })).rejects.toMatchObject({ code: 'bad-request' });
  });
});
