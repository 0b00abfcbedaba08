import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGraphCache } from './graph-cache.ts';
import type { GraphFile } from './graph-file.ts';

let folder: string;
/** Time passes only while something is opened. */
let timeMs = 0;
const now = () => timeMs;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const graph = (name: string): GraphFile => ({
  path: name,
  sizeBytes: 2 ** 20,
  fingerprint: name,
  ownMark: name,
  externalBytes: new Map(),
});

/** Opening takes the given times; says which way was taken. */
function steps(originalMs: number, optimisedMs: number, bytes = 10) {
  return {
    async original(saveTo: string | null) {
      timeMs += originalMs;
      if (saveTo !== null) await writeFile(saveTo, new Uint8Array(bytes));
      return saveTo === null ? 'plain' : 'saved';
    },
    async optimised(entry: string) {
      await readFile(entry);
      timeMs += optimisedMs;
      return 'optimised';
    },
  };
}

describe('the cache of optimised graphs', () => {
  it('keeps an entry that opens faster', async () => {
    const cache = createGraphCache({ folder, now, recipe: 'a' });
    const taken = [];
    for (let i = 0; i < 3; i += 1) taken.push(await cache.open(graph('g'), steps(60, 1)));
    expect(taken).toEqual(['saved', 'optimised', 'optimised']);
  });

  it('drops an entry that does not, and does not make it again', async () => {
    const cache = createGraphCache({ folder, now, recipe: 'a' });
    const taken = [];
    for (let i = 0; i < 4; i += 1) taken.push(await cache.open(graph('g'), steps(10, 60)));
    expect(taken).toEqual(['saved', 'optimised', 'plain', 'plain']);
    expect((await readdir(folder)).filter((name) => name.endsWith('.onnx'))).toEqual([]);
  });

  it('serves no other file, runtime or settings', async () => {
    await createGraphCache({ folder, now, recipe: 'a' }).open(graph('g'), steps(60, 1));
    expect(
      await createGraphCache({ folder, now, recipe: 'b' }).open(graph('g'), steps(60, 1)),
    ).toBe('saved');
    expect(
      await createGraphCache({ folder, now, recipe: 'a' }).open(graph('h'), steps(60, 1)),
    ).toBe('saved');
  });

  it('removes what was used longest ago above its cap', async () => {
    const cache = createGraphCache({ folder, now, recipe: 'a', maxBytes: 25 });
    await cache.open(graph('old'), steps(60, 1));
    await sleep(20);
    await cache.open(graph('middle'), steps(60, 1));
    await sleep(20);
    expect(await cache.open(graph('old'), steps(60, 1))).toBe('optimised');
    await sleep(20);
    await cache.open(graph('new'), steps(60, 1));
    expect(await cache.open(graph('old'), steps(60, 1))).toBe('optimised');
    expect(await cache.open(graph('middle'), steps(60, 1))).toBe('saved');
  });

  it('does not try again to keep a graph that cannot be saved', async () => {
    const cache = createGraphCache({ folder, now, recipe: 'a' });
    let opens = 0;
    const unsavable = {
      ...steps(1, 1),
      original(saveTo: string | null) {
        opens += 1;
        return saveTo === null ? Promise.resolve('plain') : Promise.reject(new Error('too large'));
      },
    };
    expect(await cache.open(graph('g'), unsavable)).toBe('plain');
    expect(await cache.open(graph('g'), unsavable)).toBe('plain');
    expect(opens).toBe(3);
  });

  it('leaves tiny graphs alone', async () => {
    const cache = createGraphCache({ folder, now, recipe: 'a' });
    expect(await cache.open({ ...graph('tiny'), sizeBytes: 1000 }, steps(1, 1))).toBe('plain');
  });
});
