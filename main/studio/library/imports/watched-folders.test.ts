import { appendFile, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ImportInto, type WatchedFolder } from '../../../../contract/imports.ts';
import { idsOf } from '../library.fixture.ts';
import { openImporting, picture, put, temporaryRoot } from './imports.fixture.ts';
import type { Imports } from './imports.ts';

const into = ImportInto.parse({ tags: ['watched'] });

/** Waits that end at once where nothing but time has to pass. */
const soon = { wait: (_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, 20)) };

async function until(
  imports: Imports,
  isSo: (folder: WatchedFolder) => boolean,
): Promise<WatchedFolder> {
  for await (const [folder] of imports.folders.watch(AbortSignal.timeout(30_000)))
    if (folder && isSo(folder)) return folder;
  throw new Error('It never came so far.');
}

it('takes in what is there, what comes, and what came while the studio was closed', async () => {
  await using folders = await temporaryRoot();
  const { root, from } = folders;
  await put(path.join(from, 'there.png'), await picture(1, 'png'));
  {
    await using opened = await openImporting(root, soon);
    await opened.imports.folders.add({ path: from, subfolders: true, into });
    await until(opened.imports, ({ imported, state }) => imported === 1 && state === 'watching');
    await put(path.join(from, 'below/comes.webp'), await picture(2, 'webp'));
    await until(opened.imports, ({ imported }) => imported === 2);
    expect(await idsOf(opened.library, { text: 'tag:watched' })).toHaveLength(2);
  }
  await put(path.join(from, 'closed.gif'), await picture(3, 'gif'));
  await using opened = await openImporting(root, soon);
  const folder = await until(opened.imports, ({ imported }) => imported === 3);
  expect(folder).toMatchObject({ path: from, problem: null });
  expect(await idsOf(opened.library)).toHaveLength(3);
}, 60_000);

it('waits for a file that still grows', async () => {
  await using folders = await temporaryRoot();
  const { root, from } = folders;
  const bytes = await picture(4, 'png');
  const half = Math.floor(bytes.length / 2);
  const file = await put(path.join(from, 'grows.png'), bytes.subarray(0, half));
  let looks = 0;
  await using opened = await openImporting(root, {
    // Between the first look and the second the rest arrives.
    async wait() {
      looks += 1;
      if (looks === 1) await appendFile(file, bytes.subarray(half));
      await soon.wait(0);
    },
  });
  await opened.imports.folders.add({ path: from, subfolders: true, into });
  const folder = await until(opened.imports, ({ imported }) => imported === 1);
  expect(folder.imported).toBe(1);
  expect(looks).toBeGreaterThanOrEqual(2);
}, 60_000);

it('says that a folder is missing and takes it up again when it is back', async () => {
  await using folders = await temporaryRoot();
  const { root, from } = folders;
  await using opened = await openImporting(root, soon);
  const { imports } = opened;
  const { id } = await imports.folders.add({ path: from, subfolders: false, into });
  await until(imports, ({ state }) => state === 'watching');
  await rename(from, `${from}-away`);
  const gone = await until(imports, ({ state }) => state === 'missing');
  expect(gone.problem).not.toBeNull();
  await put(path.join(`${from}-away`, 'back.png'), await picture(5, 'png'));
  await rename(`${from}-away`, from);
  await until(imports, ({ imported, state }) => imported === 1 && state === 'watching');
  await imports.folders.remove(id);
  expect(await idsOf(opened.library)).toHaveLength(1);
}, 60_000);

it('refuses the library, what lies in it, what holds it, and what is watched already', async () => {
  await using folders = await temporaryRoot();
  const { root, from } = folders;
  await using opened = await openImporting(root, { resumes: false });
  const { folders: watched } = opened.imports;
  await mkdir(path.join(root, 'library/images/2025'), { recursive: true });
  const add = (folder: string) => watched.add({ path: folder, subfolders: true, into });
  await add(from);
  for (const wanted of [
    path.join(root, 'library'),
    path.join(root, 'library/images/2025'),
    root,
    from,
    path.join(root, 'nowhere'),
    'relative',
  ])
    await expect(add(wanted)).rejects.toMatchObject({ code: 'bad-request' });
}, 30_000);
