import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPrompts, type Prompts } from './prompts.ts';

let folder: string;
let logged: string[];
let prompts: Prompts;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-prompts-'));
  logged = [];
  prompts = createPrompts({ libraryFolder: folder, log: (_level, text) => logged.push(text) });
});
afterEach(() => rm(folder, { recursive: true }));

async function wildcardFile(name: string, text: string): Promise<void> {
  const file = path.join(folder, 'wildcards', name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}
const resolve = async (prompt: string, seed = 1) =>
  (await prompts.resolveOne(prompt, seed)).resolved;

describe('wildcards', () => {
  it('come from text files without their comments, and are read again when they change', async () => {
    expect(await prompts.wildcards()).toEqual([]);
    await wildcardFile('colour.txt', '\uFEFF# of paint\r\nred\r\n\r\n');
    await wildcardFile('places/indoors.txt', 'a cellar\n');
    expect(await prompts.wildcards()).toEqual([
      { name: 'colour', entries: 1 },
      { name: 'places/indoors', entries: 1 },
    ]);
    expect(await resolve('__colour__ in __places/indoors__')).toBe('red in a cellar');
    await wildcardFile('colour.txt', 'ultramarine\n');
    expect(await resolve('__colour__')).toBe('ultramarine');
  });

  it('come from YAML and JSON lists, by their keys', async () => {
    await wildcardFile('a.yaml', 'clothes:\n  hats:\n    - bowler\n  shoes: [boots]\n');
    await wildcardFile('b.json', '["one"]');
    expect(await prompts.wildcards()).toEqual([
      { name: 'clothes/hats', entries: 1 },
      { name: 'clothes/shoes', entries: 1 },
      { name: 'b', entries: 1 },
    ]);
    expect(['bowler', 'boots']).toContain(await resolve('__clothes/**__'));
    expect(await resolve('__clothes/ha*__ __b__')).toBe('bowler one');
  });

  it('leave a damaged file out and say so once', async () => {
    await wildcardFile('bad.json', '{');
    await wildcardFile('good.txt', 'fine');
    expect(await resolve('__good__ __bad__')).toBe('fine __bad__');
    await resolve('__good__');
    expect(logged.filter((text) => text.includes('bad.json'))).toHaveLength(1);
  });
});

describe('the prompts of a picture', () => {
  it('follow its own seed, so that one of a batch can be made again alone', async () => {
    await wildcardFile('colour.txt', 'red\ngreen\nblue\nyellow\nwhite');
    const at = (seed: number) =>
      prompts.resolve({ prompt: '{a|b|c|d} __colour__', negativePrompt: '{x|y}', seed });
    const batch = await Promise.all([100, 101, 102, 103, 104, 105].map(at));
    expect(new Set(batch.map(({ prompt }) => prompt)).size).toBeGreaterThan(2);
    expect(await at(103)).toEqual(batch[3]);
    for (const { negativePrompt } of batch) expect(negativePrompt).toMatch(/^[xy]$/);
  });

  it('are known for many seeds, each text once', async () => {
    const seeds = Array.from({ length: 64 }, (_, seed) => seed);
    expect(new Set(await prompts.resolveEach('{a|b} c', seeds))).toEqual(new Set(['a c', 'b c']));
    expect(await prompts.resolveEach('(a:1.2) \\{b\\}', seeds)).toEqual(['(a:1.2) {b}']);
  });
});

describe('styles and presets', () => {
  it('are kept by name in a file that people can read', async () => {
    await prompts.styles.put({ name: 'Ink', prompt: 'ink of {prompt}', negativePrompt: '' });
    await Promise.all([
      prompts.styles.put({ name: 'Chalk', prompt: 'chalk', negativePrompt: 'photo' }),
      prompts.styles.put({ name: 'Ink', prompt: '{prompt}, ink', negativePrompt: '' }),
    ]);
    expect(await prompts.styles.all()).toEqual([
      { name: 'Chalk', prompt: 'chalk', negativePrompt: 'photo' },
      { name: 'Ink', prompt: '{prompt}, ink', negativePrompt: '' },
    ]);
    expect(await prompts.styles.remove('Chalk')).toHaveLength(1);
    const again = createPrompts({ libraryFolder: folder, log: () => {} });
    expect((await again.styles.all()).map(({ name }) => name)).toEqual(['Ink']);
    await prompts.presets.put({ name: 'Quick', settings: { steps: 8 } });
    expect(await again.presets.all()).toMatchObject([{ name: 'Quick', settings: { steps: 8 } }]);
  });

  it('are never overwritten where the file is damaged', async () => {
    const file = path.join(folder, 'styles.json');
    await writeFile(file, '[{"name":');
    await expect(
      prompts.styles.put({ name: 'Ink', prompt: 'ink', negativePrompt: '' }),
    ).rejects.toMatchObject({ code: 'bad-request' });
    expect(await readFile(file, 'utf8')).toBe('[{"name":');
  });
});
