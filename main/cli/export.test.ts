/** `atelier export` as a real child process, over a library of real pictures. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishCommand, foldersIn, startCommand } from './command.fixture.ts';
import {
  addPicture,
  idsOf,
  recipeOf,
  temporaryLibrary,
} from '../studio/library/library.fixture.ts';

const pictures = 3;

let folder: string;
let libraryFolder: string;
let temporary: Awaited<ReturnType<typeof temporaryLibrary>>;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-cli-export-'));
  temporary = await temporaryLibrary(folder);
  libraryFolder = temporary.folder;
  const library = await temporary.open();
  for (let seed = 0; seed < pictures; seed += 1)
    await addPicture(
      library,
      recipeOf({ seed, prompt: seed === 1 ? 'a green pear' : 'a red apple', pictureIndex: seed }),
      { side: 96 },
    );
  const [first = ''] = await idsOf(library);
  await library.change.createAlbum({ name: 'Best', ids: [first] });
  await library.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...args: string[]) {
  return startCommand({ ...foldersIn(folder), library: libraryFolder }, ['export', ...args]);
}
const atelier = (...args: string[]) => finishCommand(start(...args));

const all = ['--query', ''] as const;
const out = (name: string) => path.join(folder, name);

describe('atelier export', { timeout: 120_000 }, () => {
  it('writes a folder from a preset, prints each file, and says how many', async () => {
    const preset = ['--preset', 'web'];
    const ran = await atelier('--out', out('web'), '--query', '', '--size', '48', ...preset);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('3 written, 0 skipped, 0 failed');
    const files = readdirSync(out('web'));
    expect(ran.stdout.trim().split('\n').toSorted()).toEqual(files.toSorted());
    for (const file of files)
      expect(await sharp(path.join(out('web'), file)).metadata()).toMatchObject({ width: 48 });
  });

  it('writes a ZIP of what a query finds, with a line of JSON a picture and one of the whole', async () => {
    const args = ['--zip', '--out', out('pears'), '--query', 'pear', '--name', 'x', '--json'];
    const ran = await atelier(...args);
    expect(ran.code).toBe(0);
    expect(Object.keys(unzipSync(readFileSync(out('pears.zip'))))).toEqual(['x.png']);
    const lines = ran.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { outcome: 'written', files: ['x.png'] },
      { state: 'done', progress: { written: 1, total: 1 } },
    ]);
  });

  it('takes an album by its name in any case, and says which there are', async () => {
    const ran = await atelier('--out', out('best'), '--album', 'best', '--name', '{album}');
    expect(ran).toMatchObject({ code: 0, stdout: 'Best.png\n' });
    const missing = await atelier('--out', out('none'), '--album', 'worst');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('There are: Best.');
  });

  it('takes what lies in the folders where the database is gone', async () => {
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(path.join(libraryFolder, `library.sqlite${suffix}`), { force: true });
    const ran = await atelier('--out', out('again'), ...all, '--name', '{n}');
    expect(ran.code).toBe(0);
    expect(ran.stdout.trim().split('\n').toSorted()).toEqual(['1.png', '2.png', '3.png']);
  });

  it('writes nothing in a dry run', async () => {
    const ran = await atelier('--out', out('dry'), ...all, '--name', '{n:02}', '--dry-run');
    expect(ran).toMatchObject({ code: 0, stdout: '01.png\n02.png\n03.png\n3 pictures\n' });
    expect(existsSync(out('dry'))).toBe(false);
  });

  it('ends with 2 for wrong usage and 1 where there is nothing to export', async () => {
    for (const [code, words, ...args] of [
      [2, /--out/, ...all],
      [2, /--query, --album/, '--out', out('a')],
      [2, /bmp/, '--out', out('a'), ...all, '--format', 'bmp'],
      [2, /nonsense/, '--out', out('a'), ...all, '--preset', 'nonsense'],
      [1, /no pictures to export/, '--out', out('a'), '--query', 'zebra'],
    ] as const) {
      const ran = await atelier(...args);
      expect(ran).toMatchObject({ code, stderr: expect.stringMatching(words) as string });
    }
    expect(existsSync(out('a'))).toBe(false);
  });

  it('signs with Content Credentials where it is told to', async () => {
    const args = [
      '--out',
      out('signed'),
      '--query',
      'pear',
      '--name',
      'x',
      '--content-credentials',
    ];
    expect(await atelier(...args)).toMatchObject({ code: 0, stdout: 'x.png\n' });
    expect(readFileSync(path.join(out('signed'), 'x.png')).includes('c2pa')).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'ends with 130 on Ctrl-C and leaves nothing unfinished',
    async () => {
      // Thorough enough to be underway when the signal comes; what is being encoded is finished first.
      const size = ['--size', '1400', '--enlarge', '--format', 'avif'];
      const child = start('--zip', '--out', out('stopped'), ...all, ...size);
      const ended = finishCommand(child);
      const begun = () =>
        readdirSync(folder).some((name) => name.startsWith('.') && name.endsWith('-zip.part'));
      while (!begun() && child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGINT');
      const { code, stderr } = await ended;
      expect(stderr).toContain('atelier: cancelled');
      expect(code).toBe(130);
      expect(begun()).toBe(false);
      expect(existsSync(out('stopped.zip'))).toBe(false);
    },
    120_000,
  );
});

describe.skipIf(process.platform === 'win32')(
  'atelier export --resume',
  () => {
    // Thorough enough for a signal to come in the middle.
    const slowly = ['--size', '640', '--enlarge', '--format', 'avif', '--name', '{n}'] as const;
    const isPicture = (name: string) => /^\d\.avif$/.test(name);
    const picturesIn = (folder: string) =>
      existsSync(folder) ? readdirSync(folder).filter(isPicture).toSorted() : [];

    async function until(isSo: () => boolean, child: { readonly exitCode: number | null }) {
      while (!isSo() && child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 5));
    }

    it('goes on where a kill cut it off, makes nothing again, and is refused afterwards', async () => {
      const target = out('killed');
      const child = start('--out', target, ...all, ...slowly);
      const ended = finishCommand(child);
      await until(() => picturesIn(target).length > 0, child);
      child.kill('SIGKILL');
      await ended;
      const before = picturesIn(target).map((name) => [
        name,
        statSync(path.join(target, name)).ino,
      ]);
      expect(before.length).toBeGreaterThan(0);
      expect(before.length).toBeLessThan(pictures);
      const ran = await atelier('--resume');
      expect(ran.stderr).toContain(`${pictures} written, 0 skipped, 0 failed`);
      expect(ran.code).toBe(0);
      expect(ran.stdout.trim().split('\n').toSorted()).toEqual(['1.avif', '2.avif', '3.avif']);
      expect(readdirSync(target).toSorted()).toEqual(['1.avif', '2.avif', '3.avif']);
      for (const [name, inode] of before)
        expect(statSync(path.join(target, String(name))).ino).toBe(inode);
      for (const name of picturesIn(target)) await sharp(path.join(target, name)).stats();
      const nothing = await atelier('--resume');
      expect(nothing).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('no export that was cut off') as string,
      });
    });

    it('goes on with a ZIP that SIGTERM ended, by the id that was told', async () => {
      const target = out('ended');
      const child = start('--zip', '--out', target, ...all, ...slowly);
      const ended = finishCommand(child);
      const part = () => readdirSync(folder).find((name) => name.endsWith('-zip.part'));
      await until(() => {
        const name = part();
        return name !== undefined && statSync(out(name)).size > 0;
      }, child);
      child.kill('SIGTERM');
      const { code, stderr } = await ended;
      expect(code).toBe(143);
      const [, id = ''] = /atelier export --resume ([0-9a-f-]{36})/.exec(stderr) ?? [];
      expect(part()).toBeDefined();
      const ran = await atelier('--resume', id, '--json');
      expect(ran.code).toBe(0);
      expect(JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
        id,
        state: 'done',
        progress: { written: pictures },
      });
      expect(Object.keys(unzipSync(readFileSync(out('ended.zip')))).toSorted()).toEqual([
        '1.avif',
        '2.avif',
        '3.avif',
      ]);
      expect(part()).toBeUndefined();
    });

    it('takes no other wish, and says which exports there are', async () => {
      for (const [code, words, ...args] of [
        [2, /Leave out --out, --when-taken/, '--resume', '--out', out('a'), '--when-taken', 'skip'],
        [1, /no export "0000"/, '--resume', '0000'],
      ] as const) {
        const ran = await atelier(...args);
        expect(ran).toMatchObject({ code, stderr: expect.stringMatching(words) as string });
      }
    });
  },
  240_000,
);
