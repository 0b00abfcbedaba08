import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { providerNames } from '../../../contract/system.ts';
import { loadOnnxruntime, type Onnxruntime } from './load-onnxruntime.ts';
import { chooseProvider } from './providers.ts';

let onnxruntime: Onnxruntime;
let folder: string;
beforeAll(async () => {
  onnxruntime = await loadOnnxruntime();
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-providers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('choosing a provider', () => {
  it('says of every provider whether it runs here, and why not', async () => {
    const { provider, statuses } = await chooseProvider(onnxruntime, 'auto', folder);
    expect(statuses.map(({ name }) => name)).toEqual([...providerNames]);
    expect(statuses.find(({ name }) => name === provider)?.available).toBe(true);
    expect(statuses.find(({ name }) => name === 'cpu')?.available).toBe(true);
    for (const { available, reason } of statuses)
      expect(available || reason.length > 20).toBe(true);
  });

  it('follows the user where it can, and falls back where it cannot', async () => {
    expect((await chooseProvider(onnxruntime, 'cpu', folder)).provider).toBe('cpu');
    const { provider, statuses } = await chooseProvider(onnxruntime, 'dml', folder);
    const available = statuses.find(({ name }) => name === 'dml')?.available;
    expect(provider === 'dml').toBe(available);
  });

  it('leaves no mark once every probe has ended', async () => {
    await chooseProvider(onnxruntime, 'auto', folder);
    expect(await readdir(folder)).toEqual([]);
  });

  it('skips for a day a provider that crashed the engine twice', async () => {
    const mark = path.join(folder, 'probing-webgpu.json');
    const crashes = { onnxruntimeVersion: onnxruntime.env.versions.common, crashes: 2 };
    await writeFile(mark, JSON.stringify(crashes));
    const reasonOf = async () =>
      (await chooseProvider(onnxruntime, 'auto', folder)).statuses.find(
        ({ name }) => name === 'webgpu',
      )?.reason;
    expect(await reasonOf()).toContain('crashed the engine');

    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3600 * 1000);
    await utimes(mark, twoDaysAgo, twoDaysAgo);
    expect(await reasonOf()).not.toContain('crashed the engine');
  });
});
