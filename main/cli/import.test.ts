/** `atelier import` as a real child process. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishCommand, foldersIn, startCommand } from './command.fixture.ts';
import { picture } from '../studio/library/imports/imports.fixture.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'atelier-cli-import-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const atelier = (...args: string[]) =>
  finishCommand(startCommand(foldersIn(folder), ['import', ...args]));

const imagesIn = (library: string) =>
  readdirSync(path.join(folder, library, 'images'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted();

it('imports a folder, says what came of it, and skips with a reason and exit code 1', async () => {
  const from = path.join(folder, 'from');
  mkdirSync(path.join(from, 'below'), { recursive: true });
  writeFileSync(path.join(from, 'a.png'), await picture(1, 'png'));
  writeFileSync(path.join(from, 'below/b.webp'), await picture(2, 'webp'));
  const first = await atelier(from, '--album', 'Fruit', '--tag', 'red', 'round');
  expect(first).toEqual({
    code: 0,
    stdout: '2 imported, 0 in the library already, 0 skipped\n',
    stderr: '',
  });
  expect(imagesIn('library')).toEqual(['a.png', 'b.webp']);
  writeFileSync(path.join(from, 'broken.png'), 'no picture');
  const again = await atelier(from, '--album', 'fruit', '--json');
  const outcomes = again.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { outcome: string }).outcome);
  expect(outcomes.toSorted()).toEqual(['duplicate', 'duplicate', 'skipped']);
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('broken.png". It is no picture');
}, 60_000);

it('imports into the library that is named, and refuses what lies in it', async () => {
  const from = path.join(folder, 'other');
  mkdirSync(from, { recursive: true });
  writeFileSync(path.join(from, 'c.gif'), await picture(3, 'gif'));
  const library = path.join(folder, 'named');
  expect(await atelier(from, '--library', library)).toMatchObject({ code: 0, stderr: '' });
  expect(imagesIn('named')).toEqual(['c.gif']);
  const refused = await atelier(path.join(library, 'images'), '--library', library);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('lies in the library');
  expect((await atelier(path.join(folder, 'nowhere'))).code).toBe(1);
}, 60_000);
