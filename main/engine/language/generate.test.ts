/** The loop around the model, with tiny models whose greedy text transformers knows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type WriteEvent, WriteRequest } from '../../../contract/write.ts';
import { generateAlternatives } from './alternatives.ts';
import { generateText, type GenerateOptions } from './generate.ts';
import { createPrefixCache, type PrefixCache } from './prefix-cache.ts';
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

const plain = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
const greedy = { ...plain, temperature: 0 };
const prompt = goldenOf('smollm').prompt;
type Change = Partial<z.input<typeof WriteRequest>>;

async function write(
  family: Family,
  change: Change,
  options: Partial<GenerateOptions> = {},
): Promise<{
  readonly events: readonly WriteEvent[];
  readonly ids: readonly number[];
  readonly start: Extract<WriteEvent, { kind: 'start' }>;
  readonly done: Extract<WriteEvent, { kind: 'done' }>;
}> {
  const model = await tiny.load(family);
  const request = WriteRequest.parse({
    modelId: family,
    prompt,
    maxTokens: 24,
    sampling: greedy,
    seed: 1,
    ...change,
  });
  const events: WriteEvent[] = [];
  for await (const event of generateText(tiny.pool, model, request, {
    drawSeed: () => 0,
    ...options,
  }))
    events.push(event);
  const start = events[0];
  const done = events.at(-1);
  if (start?.kind !== 'start' || done?.kind !== 'done') throw new Error('Something is missing.');
  const ids = events.flatMap((event) => (event.kind === 'token' ? [event.tokenId] : []));
  return { events, ids, start, done };
}

/** Greedy text of transformers, without the token that ends it. */
function expected(family: Family, endIds: ReadonlySet<number>): readonly number[] {
  const { greedyIds } = goldenOf(family);
  const end = greedyIds.findIndex((id) => endIds.has(id));
  return end === -1 ? greedyIds : greedyIds.slice(0, end);
}

describe('greedy text', () => {
  it.each(families)('of %s is that of transformers', async (family) => {
    const { endIds } = await tiny.load(family);
    expect((await write(family, {})).ids).toEqual(expected(family, endIds));
  });

  it.each(families)(
    'of %s stays the same when the prompt is looked up for drafts',
    async (family) => {
      // Said twice before, so that there is something to look up.
      const { ids: said } = await write(family, {});
      const { tokenizer } = await tiny.load(family);
      const text = prompt + said.map((id) => tokenizer.textOf(id)).join('');
      const long = `${text} ${prompt}`;
      const free = await write(family, { prompt: long });
      const drafted = await write(family, {
        prompt: long,
        draft: { kind: 'prompt-lookup', ngram: 2 },
      });
      expect(drafted.ids).toEqual(free.ids);
      expect(drafted.done.acceptedTokens).toBeLessThanOrEqual(drafted.done.draftedTokens);
      // This one repeats itself.
      if (family === 'gemma') expect(drafted.done.acceptedTokens).toBeGreaterThan(0);
    },
  );

  it('accepts all that a model drafts for itself, and none of it changes the text', async () => {
    const draftModel = await tiny.load('qwen3');
    const { ids, done } = await write(
      'qwen3',
      { draft: { kind: 'model', modelId: 'qwen3', tokens: 4 } },
      { draftModel },
    );
    expect(ids).toEqual(expected('qwen3', draftModel.endIds));
    expect(done.draftedTokens).toBeGreaterThan(12);
    expect(done.acceptedTokens).toBe(done.draftedTokens);
  });

  it.each(
    families.filter((family) => !['gemma', 'gemma2', 'gemma3', 'phi3', 'smollm'].includes(family)),
  )('of %s stays the same when another model drafts', async (family) => {
    const { endIds } = await tiny.load(family);
    const draftModel = await tiny.load('smollm');
    const { ids, done } = await write(
      family,
      { draft: { kind: 'model', modelId: 'smollm', tokens: 3 } },
      { draftModel },
    );
    expect(ids).toEqual(expected(family, endIds));
    expect(done.draftedTokens).toBeGreaterThan(done.acceptedTokens);
  });

  it('is not drafted by a model with other tokens', async () => {
    const draftModel = await tiny.load('gemma3');
    await expect(
      write('qwen3', { draft: { kind: 'model', modelId: 'gemma3' } }, { draftModel }),
    ).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('of a search over beams is the best that transformers finds', async () => {
    const { tokenizer } = await tiny.load('gemma3');
    const { events, ids, done } = await write('gemma3', {
      maxTokens: 16,
      beams: { numBeams: 4, lengthPenalty: 1 },
      topAlternatives: 2,
    });
    expect(ids.length).toBe(done.tokens);
    const text = events.flatMap((event) => (event.kind === 'token' ? [event.text] : [])).join('');
    expect(text.length).toBeGreaterThan(0);
    expect(tokenizer.isSpecial(ids[0] ?? -1)).toBe(false);
  });

  it('of a search over beams heeds biases, penalties and forms', async () => {
    const beams = { numBeams: 3 };
    const free = await write('qwen3', { beams });
    const banned = free.ids[0] ?? 0;
    const biased = await write('qwen3', { beams, logitBias: [{ token: banned, bias: 'ban' }] });
    expect(biased.ids).not.toContain(banned);
    const sampling = { ...greedy, noRepeatNgram: 2 };
    const { ids, start } = await write('qwen3', { beams, sampling, maxTokens: 40 });
    expect(start.kind).toBe('start');
    const couples = ids.slice(1).map((id, index) => `${ids[index]} ${id}`);
    expect(new Set(couples).size).toBe(couples.length);
    const constraint = { kind: 'regex', pattern: '(yes|no), [a-z]{4}' } as const;
    const formed = await write('qwen3', { beams, constraint });
    const text = formed.events.flatMap((event) => (event.kind === 'token' ? [event.text] : []));
    expect(text.join('')).toMatch(/^(yes|no), [a-z]{4}$/);
    expect(formed.done.reason).toBe('end-of-text');
  });

  it('of a search over beams takes no phrase back, and says so', async () => {
    await expect(
      write('qwen3', { beams: { numBeams: 2 }, bannedPhrases: ['a'] }),
    ).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('weights', () => {
  it('may be named, of those that the model has', async () => {
    const { endIds } = await tiny.load('qwen2');
    expect((await write('qwen2', { weights: 'fp16' })).ids).toEqual(expected('qwen2', endIds));
    await expect(write('qwen2', { weights: 'q4' })).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('sampled text', () => {
  it('is the same for a seed with prompt lookup as without', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const sampling = { ...plain, temperature: 0.7 };
      const free = await write('smollm', { sampling, seed });
      const drafted = await write('smollm', {
        sampling,
        seed,
        draft: { kind: 'prompt-lookup', ngram: 1, tokens: 5 },
      });
      expect(drafted.ids).toEqual(free.ids);
    }
  });

  it('is reported with surprisals that are the logarithms of its probabilities', async () => {
    const { events } = await write('smollm', { sampling: plain });
    for (const event of events)
      if (event.kind === 'token')
        expect(event.surprisalBits).toBeCloseTo(-Math.log2(event.probability), 6);
  });
});

describe('what was seen before', () => {
  const long = `${prompt} ${prompt}`;

  async function twice(
    family: Family,
    first: Change,
    second: Change,
  ): Promise<{
    readonly fresh: Awaited<ReturnType<typeof write>>;
    readonly again: Awaited<ReturnType<typeof write>>;
  }> {
    using prefixes: PrefixCache = createPrefixCache(2 ** 26);
    await write(family, first, { prefixes });
    const again = await write(family, second, { prefixes });
    return { fresh: await write(family, second), again };
  }

  it.each(['smollm', 'qwen2', 'qwen3', 'gemma3', 'phi', 'phi3'] as const)(
    'by %s is used again with the same bits',
    async (family) => {
      const change = { prompt: `${long} And then`, topAlternatives: 20, sampling: plain, seed: 4 };
      const { fresh, again } = await twice(family, { prompt: long }, change);
      expect(again.start.reusedTokens).toBeGreaterThanOrEqual(64);
      expect(again.start.reusedTokens % 64).toBe(0);
      expect(again.start.isReproducible).toBe(true);
      // Every digit of every probability.
      expect(again.events.filter(({ kind }) => kind === 'token')).toEqual(
        fresh.events.filter(({ kind }) => kind === 'token'),
      );
    },
  );

  it('is used to its last token where bits may change, and that is said', async () => {
    const { fresh, again } = await twice(
      'smollm',
      { prompt: long },
      { prompt: `${long} And`, prefixReuse: 'full' },
    );
    expect(again.start.reusedTokens).toBeGreaterThan(128);
    expect(again.start.isReproducible).toBe(false);
    expect(again.ids).toEqual(fresh.ids);
  });

  it('is not used for a text that begins otherwise, nor where it is not wanted', async () => {
    const other = await twice('smollm', { prompt: long }, { prompt: `A ${long}` });
    expect(other.again.start.reusedTokens).toBe(0);
    const unwanted = await twice('smollm', { prompt: long }, { prompt: long, prefixReuse: 'none' });
    expect(unwanted.again.start.reusedTokens).toBe(0);
  });

  it('in one piece by graphs that begin and go on apart is used again only if bits may change', async () => {
    const exact = await twice('gpt2', { maxTokens: 2 }, { maxTokens: 2 });
    expect(exact.again.start.reusedTokens).toBe(0);
    const full = await twice('gemma2', { maxTokens: 2 }, { maxTokens: 2, prefixReuse: 'full' });
    expect(full.again.start.reusedTokens).toBeGreaterThan(0);
    expect(full.again.ids).toEqual(full.fresh.ids);
  });

  it('goes when its model is released or the budget is too small', async () => {
    using prefixes = createPrefixCache(2 ** 26);
    await write('smollm', { prompt: long }, { prefixes });
    prefixes.release('smollm');
    expect((await write('smollm', { prompt: long }, { prefixes })).start.reusedTokens).toBe(0);
    using small = createPrefixCache(1000);
    await write('smollm', { prompt: long }, { prefixes: small });
    expect((await write('smollm', { prompt: long }, { prefixes: small })).start.reusedTokens).toBe(
      0,
    );
  });
});

describe('a long prompt', () => {
  it('is read in pieces that are reported, and stops between them', async () => {
    const long = `${prompt} ${prompt}`;
    const { events, start } = await write('smollm', { prompt: long, maxTokens: 2 });
    const pieces = events.flatMap((event) => (event.kind === 'prefill' ? [event.done] : []));
    expect(pieces).toEqual(pieces.toSorted((a, b) => a - b));
    expect(pieces.at(-1)).toBe(start.promptTokens);
    expect(pieces.length).toBeGreaterThan(1);

    const controller = new AbortController();
    const model = await tiny.load('smollm');
    const request = WriteRequest.parse({ modelId: 'smollm', prompt: long, sampling: greedy });
    let abortedMs = 0;
    const reading = (async () => {
      const options = { signal: controller.signal, drawSeed: () => 0 };
      for await (const { kind } of generateText(tiny.pool, model, request, options)) {
        if (kind !== 'prefill') continue;
        controller.abort();
        abortedMs = performance.now();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - abortedMs).toBeLessThan(100);
  });

  it('may be left while it is read, and what was read is kept whole', async () => {
    const long = `${prompt} ${prompt}`;
    using prefixes = createPrefixCache(2 ** 26);
    const model = await tiny.load('smollm');
    const request = WriteRequest.parse({
      modelId: 'smollm',
      prompt: long,
      sampling: greedy,
      maxTokens: 8,
    });
    for await (const { kind } of generateText(tiny.pool, model, request, {
      drawSeed: () => 0,
      prefixes,
    }))
      if (kind === 'prefill') break;
    const again = await write('smollm', { prompt: long, maxTokens: 8 }, { prefixes });
    expect([64, 128]).toContain(again.start.reusedTokens);
    expect(again.ids).toEqual((await write('smollm', { prompt: long, maxTokens: 8 })).ids);
  });
});

describe('alternatives in one batch', () => {
  async function alternatives(
    family: Family,
    count: number,
    change: Change,
  ): Promise<{ readonly texts: number[][]; readonly kinds: string[] }> {
    const model = await tiny.load(family);
    const request = WriteRequest.parse({
      modelId: family,
      prompt,
      maxTokens: 24,
      sampling: plain,
      seed: 7,
      ...change,
    });
    const texts = Array.from({ length: count }, (): number[] => []);
    const kinds: string[] = [];
    for await (const { alternative, event } of generateAlternatives(
      tiny.pool,
      model,
      request,
      count,
      {
        drawSeed: () => 0,
      },
    )) {
      kinds.push(event.kind);
      if (event.kind === 'token') texts[alternative ?? -1]?.push(event.tokenId);
    }
    return { texts, kinds };
  }

  it.each(families)('of %s are the texts of their seeds alone', async (family) => {
    const { texts, kinds } = await alternatives(family, 4, {});
    const alone = [];
    for (let seed = 7; seed < 11; seed += 1)
      alone.push((await write(family, { sampling: plain, seed })).ids);
    expect(texts).toEqual(alone);
    expect(kinds.filter((kind) => kind === 'start')).toHaveLength(4);
    expect(kinds.filter((kind) => kind === 'done')).toHaveLength(4);
  });

  it.each(families)('of %s take banned phrases back, each its own', async (family) => {
    const sampling = { ...plain, frequencyPenalty: 0.3, xtcProbability: 0.2 };
    const change = { sampling, bannedPhrases: ['e', 'th', 'in', 'o ', ' a', 'st'] };
    const { texts } = await alternatives(family, 4, change);
    const free = await alternatives(family, 4, { sampling });
    expect(texts).not.toEqual(free.texts);
    const alone = [];
    for (let seed = 7; seed < 11; seed += 1)
      alone.push((await write(family, { ...change, seed })).ids);
    expect(texts).toEqual(alone);
  });

  it('are not drafted', async () => {
    await expect(
      alternatives('smollm', 2, { draft: { kind: 'prompt-lookup' } }),
    ).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('turns', () => {
  it('need a template', async () => {
    await expect(
      write('smollm', { messages: [{ role: 'user', content: 'Hello' }] }),
    ).rejects.toMatchObject({ code: 'unsupported' });
  });
});
