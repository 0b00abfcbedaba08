/** `atelier library …` as a real child process. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishCommand, foldersIn, startCommand } from './command.fixture.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-cli-library-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const atelier = (...args: string[]) =>
  finishCommand(startCommand(foldersIn(folder), ['library', ...args]));

it('finds what is wrong with code 1, mends it, backs up, restores and merges', async () => {
  const images = path.join(folder, 'library', 'images');
  mkdirSync(images, { recursive: true });
  await sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } })
    .png()
    .toFile(path.join(images, 'mine.png'));
  writeFileSync(path.join(images, 'broken.png'), 'no picture');
  const checked = await atelier('doctor');
  expect(checked).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"images/broken.png" is no picture'),
  });
  const fixed = await atelier('doctor', '--fix', '--json');
  expect(fixed).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(fixed.stdout)).toMatchObject({ images: 1, found: 1, mended: 1 });
  expect(await atelier('doctor')).toMatchObject({
    code: 0,
    stdout: 'pictures 1, in the trash 0\nEverything is in order.\n',
  });

  const backup = path.join(folder, 'backup');
  expect(await atelier('backup', backup)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 picture copied, 0 there already/),
  });
  expect(await atelier('backup', images)).toMatchObject({ code: 2, stdout: '' });
  const empty = ['--library', path.join(folder, 'empty')] as const;
  expect(await atelier('restore', backup, ...empty)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 picture copied/),
  });
  const other = ['--library', path.join(folder, 'other')] as const;
  const merged = await atelier('merge', path.join(folder, 'library'), '--json', ...other);
  expect(JSON.parse(merged.stdout)).toMatchObject({ pictures: 1, problems: [] });
  expect(readdirSync(path.join(folder, 'other', 'images'))).toEqual(['mine.png']);
  expect(await atelier('merge', path.join(folder, 'data'))).toMatchObject({ code: 1 });
}, 300_000);
