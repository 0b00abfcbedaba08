/** Projects of a library from the terminal: the studio is a real one, in a folder of its own. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { exportProject, listProjects } from './document-projects.ts';
import { openStudio } from './open-studio.ts';

let folder: string;
let printed = '';
const { signal } = new AbortController();
const folders = () => ({ library: path.join(folder, 'library'), data: path.join(folder, 'data') });
const asked = { origins: 'colophon', page: 'a5' } as const;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-projects-'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  await using studio = await openStudio(folders());
  for (const title of ['River', 'Twice', 'Twice'])
    await studio.client['projects.create']({ title });
  await studio.client['documents.import']({
    fileName: 'voyage.md',
    bytes: new TextEncoder().encode('# The voyage\n\n## Out\n\nThey left.\n'),
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

it('lists projects, and writes one by its title into a file, once', async () => {
  await listProjects(folders());
  expect(printed).toMatch(/^[0-9a-f-]{36} {2}The voyage {2}\(2 words, 1 chapter\)$/m);
  const out = path.join(folder, 'voyage.txt');
  const options = { ...folders(), ...asked, out };
  await exportProject('the voyage', options, signal);
  expect(await readFile(out, 'utf8')).toContain('They left.');
  await expect(exportProject('The voyage', options, signal)).rejects.toMatchObject({
    code: 'conflict',
  });
  await exportProject('The voyage', { ...options, replace: true }, signal);
  expect(await readdir(path.join(folders().library, 'exports'))).toEqual([]);
});

it('refuses a name that is not there, or that several have', async () => {
  const options = { ...folders(), ...asked, out: path.join(folder, 'x.txt') };
  await expect(exportProject('Sea', options, signal)).rejects.toMatchObject({ code: 'not-found' });
  await expect(exportProject('Twice', options, signal)).rejects.toMatchObject({
    code: 'bad-request',
  });
});
