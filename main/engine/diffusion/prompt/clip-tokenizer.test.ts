import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mergePairs } from './byte-pairs.ts';
import { chunkCountOf, toChunks } from './chunks.ts';
import { loadClipTokenizer, type ClipTokenizer } from './clip-tokenizer.ts';

const goldenFolder = fileURLToPath(new URL('../golden', import.meta.url));
const tokenizerFolder = path.join(goldenFolder, 'tiny-stable-diffusion/tokenizer');
const ids = z.array(z.number());
const golden = z
  .object({
    tokens: z.array(z.object({ text: z.string(), ids })),
    longTokens: z.object({ words: z.number(), count: z.number(), head: ids, tail: ids }),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-stable-diffusion.json'), 'utf8')));

describe("CLIP's tokenizer", () => {
  it.each(golden.tokens)('gives the ids of transformers for $text', async ({ text, ids }) => {
    const tokenizer = await loadClipTokenizer(tokenizerFolder);
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  it('gives the ids of transformers for five thousand words', async () => {
    const tokenizer = await loadClipTokenizer(tokenizerFolder);
    const words = ['apple', 'Tree,', '猫'];
    const text = Array.from({ length: golden.longTokens.words }, (_, i) => words[i % 3]).join(' ');
    const encoded = tokenizer.encode(text);
    expect(encoded).toHaveLength(golden.longTokens.count);
    expect(encoded.slice(0, 40)).toEqual(golden.longTokens.head);
    expect(encoded.slice(-40)).toEqual(golden.longTokens.tail);
  });

  it('takes any text, and the same ids whatever was encoded before', async () => {
    const used = await loadClipTokenizer(tokenizerFolder);
    const fresh = await loadClipTokenizer(tokenizerFolder);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const encoded = used.encode(text);
        expect(encoded.every((id) => id >= 0 && id < used.vocabularySize)).toBe(true);
        expect(used.encode(text)).toEqual(encoded);
      }),
    );
    expect(used.encode('a red apple')).toEqual(fresh.encode('a red apple'));
  });

  it('reads pad token and context length from the folder', async () => {
    const sd1 = await loadClipTokenizer(tokenizerFolder);
    expect(sd1).toMatchObject({ maxLength: 77, padId: sd1.endId });
    const other = await loadClipTokenizer(
      path.join(goldenFolder, 'tiny-consistency-model/tokenizer'),
    );
    // "!" is the first token of every CLIP vocabulary.
    expect(other).toMatchObject({ maxLength: 16, padId: 0 });
  });

  it('encodes a hundred thousand letters without a space in well under a second', async () => {
    const tokenizer = await loadClipTokenizer(tokenizerFolder);
    const letters = 'woodentablepearcat';
    const text = Array.from({ length: 100_000 }, (_, i) => letters[(i * i + 7 * i) % 18]).join('');
    const startedAt = performance.now();
    expect(tokenizer.encode(text).length).toBeGreaterThan(10_000);
    // Quadratic work would take minutes.
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe('a damaged tokenizer', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'atelier-tokenizer-'));
    await cp(tokenizerFolder, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(['vocab.json', 'merges.txt'])('names %s when it is missing', async (name) => {
    await rm(path.join(folder, name));
    await expect(loadClipTokenizer(folder)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining(name),
    });
  });

  it.each([
    ['no JSON', '{"a": 1'],
    ['something else', '["a", "b"]'],
    ['ids that are no numbers', '{"a": "b"}'],
    ['no end token', '{"a": 1, "<|startoftext|>": 2}'],
  ])('names the vocabulary when it holds %s', async (_what, content) => {
    await writeFile(path.join(folder, 'vocab.json'), content);
    await expect(loadClipTokenizer(folder)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('vocab.json'),
    });
  });

  it('names the merges when they are no pairs', async () => {
    const merges = await readFile(path.join(folder, 'merges.txt'), 'utf8');
    await writeFile(path.join(folder, 'merges.txt'), `${merges}\0\0\0`);
    await expect(loadClipTokenizer(folder)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('merges.txt'),
    });
  });
});

describe('byte pairs', () => {
  it('are joined by rank, the leftmost of equals first', () => {
    const ranks = new Map(['b c', 'a b', 'a a', 'aa aa'].map((pair, rank) => [pair, rank]));
    expect(mergePairs('abc'.split(''), ranks)).toEqual(['a', 'bc']);
    expect(mergePairs('aaa'.split(''), ranks)).toEqual(['aa', 'a']);
    expect(mergePairs('aaaaab'.split(''), ranks)).toEqual(['aaaa', 'ab']);
    expect(mergePairs([], ranks)).toEqual([]);
  });

  it('end as when every pair is looked for anew', () => {
    const pairs = ['a b', 'b a', 'ab a', 'b b', 'ba ab', 'a a', 'ab ab', 'bb a', 'aba b'];
    const ranks = new Map(pairs.map((pair, rank) => [pair, rank]));
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 }), (symbols) => {
        expect(mergePairs(symbols, ranks)).toEqual(joinOneByOne(symbols, ranks));
      }),
    );
  });
});

function joinOneByOne(symbols: readonly string[], ranks: ReadonlyMap<string, number>): string[] {
  const joined = [...symbols];
  for (;;) {
    const rankAt = (i: number) => ranks.get(`${joined[i]} ${joined[i + 1]}`) ?? Infinity;
    const best = Math.min(...joined.map((_, i) => rankAt(i)));
    if (!Number.isFinite(best)) return joined;
    const at = joined.findIndex((_, i) => rankAt(i) === best);
    joined.splice(at, 2, joined.slice(at, at + 2).join(''));
  }
}

describe('chunks', () => {
  const five = { startId: 100, endId: 101, padId: 0, maxLength: 5 } as ClipTokenizer;

  it('hold three ids each between start and end, padded', () => {
    expect(toChunks([1, 2, 3, 4], 2, five)).toEqual([
      [100, 1, 2, 3, 101],
      [100, 4, 101, 0, 0],
    ]);
  });

  it('are as many as another prompt needs, the rest without ids', () => {
    expect(toChunks([], 2, five)).toEqual([
      [100, 101, 0, 0, 0],
      [100, 101, 0, 0, 0],
    ]);
    expect([0, 1, 3, 4].map((tokens) => chunkCountOf(tokens, five))).toEqual([1, 1, 1, 2]);
  });
});
