import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathHandlers } from './path-handlers.ts';

const context = { signal: AbortSignal.timeout(20_000) };

describe('completion of folder paths', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'atelier-paths-'));
    for (const name of ['Prints', 'posters', '.hidden']) await mkdir(path.join(folder, name));
    await writeFile(path.join(folder, 'paper.txt'), '');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const foldersFor = async (typed: string) =>
    (await pathHandlers(null)['system.folders']({ path: typed }, context)).folders.map((found) =>
      path.relative(folder, found),
    );

  it('offers the folders within a whole one, without files and hidden ones', async () => {
    expect(await foldersFor(`${folder}/`)).toEqual(['Prints', 'posters']);
  });

  it('offers those that begin with what is typed, in any case', async () => {
    expect(await foldersFor(path.join(folder, 'P'))).toEqual(['Prints', 'posters']);
    expect(await foldersFor(path.join(folder, 'po'))).toEqual(['posters']);
    expect(await foldersFor(path.join(folder, '.h'))).toEqual(['.hidden']);
  });

  it('offers nothing for a path that is relative, not there or none at all', async () => {
    for (const typed of ['', 'posters', path.join(folder, 'no', 'such'), `${folder}/\0`])
      expect(await foldersFor(typed)).toEqual([]);
  });
});

describe('the system dialog', () => {
  const request = { kind: 'folder', title: 'Export to', startAt: '' } as const;

  it('is refused with a remedy where the host has none', async () => {
    await expect(pathHandlers(null)['system.choosePath'](request, context)).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('gives what the person took', async () => {
    const chosen = pathHandlers(({ title }) => Promise.resolve(`/pictures/${title}`));
    expect(await chosen['system.choosePath'](request, context)).toEqual({
      path: '/pictures/Export to',
    });
  });
});
