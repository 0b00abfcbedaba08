import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { canMount, mountSmallDisk } from '../../small-disk.fixture.ts';
import { importAll, jobOf, openImporting, picture, put } from '../imports/imports.fixture.ts';
import {
  addPicture,
  checkedReport,
  copyReport,
  idsOf,
  recipeOf,
  soundReport,
  temporaryLibrary,
} from '../library.fixture.ts';

const signal = AbortSignal.timeout(60_000);

it.skipIf(!canMount)(
  'a backup on a full disk leaves the one before it whole, and goes on when there is room',
  async () => {
    using disk = mountSmallDisk(4);
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await addPicture(library, recipeOf({ seed: 1 }));
    const backup = path.join(disk.folder, 'backup');
    await copyReport(library, 'backup', backup);
    for (let seed = 2; seed < 10; seed += 1)
      await addPicture(library, recipeOf({ seed }), { side: 256 });
    const filler = path.join(disk.folder, 'filler');
    writeFileSync(filler, randomBytes(3_500_000));
    await expect(copyReport(library, 'backup', backup)).rejects.toMatchObject({
      code: 'disk-full',
    });
    const infoOf = async () =>
      (await library.care['library.backupInfo']({ folder: backup }, { signal })).backup;
    expect(await infoOf()).toMatchObject({ pictures: 1 });
    await using other = await temporaryLibrary();
    const restored = await other.open();
    expect(await copyReport(restored, 'restore', backup)).toMatchObject({ pictures: 1 });
    rmSync(filler);
    expect(await copyReport(library, 'backup', backup)).toMatchObject({ problems: [] });
    expect(await infoOf()).toMatchObject({ pictures: 9, isInterrupted: false });
    expect(await copyReport(restored, 'restore', backup)).toMatchObject({ pictures: 8 });
    expect(await checkedReport(restored)).toEqual(soundReport(9));
  },
  120_000,
);

it('a backup whose folder vanishes ends with an error, and the library is as it was', async () => {
  await using temporary = await temporaryLibrary();
  const library = await temporary.open();
  for (let seed = 0; seed < 4; seed += 1) await addPicture(library, recipeOf({ seed }));
  const backup = path.join(temporary.folder, '..', 'backup');
  const vanishing = async () => {
    for await (const event of library.care['library.backup']({ folder: backup }, { signal }))
      if (event.kind === 'progress' && event.phase !== 'files')
        await rm(backup, { recursive: true, force: true });
  };
  await expect(vanishing()).rejects.toThrow();
  expect(await checkedReport(library)).toEqual(soundReport(4));
  expect(await copyReport(library, 'backup', backup)).toMatchObject({ problems: [], pictures: 4 });
}, 120_000);

it.skipIf(!canMount)(
  'an import on a full disk ends with the reason; what came in is whole, and the rest comes later',
  async () => {
    using disk = mountSmallDisk(6);
    await using elsewhere = await temporaryLibrary();
    const from = path.join(elsewhere.folder, '..', 'from');
    const files = 24;
    for (let at = 0; at < files; at += 1) {
      // Programs leave things behind the end of a picture.
      const bytes = Buffer.concat([await picture(at, 'jpeg'), randomBytes(40_000)]);
      await put(path.join(from, `${at}.jpg`), bytes);
    }
    await using opened = await openImporting(disk.folder);
    const { imports, library } = opened;
    const filler = path.join(disk.folder, 'filler');
    writeFileSync(filler, randomBytes(5_200_000));
    const { job } = await importAll(imports, [from]);
    expect(await jobOf(imports, job.id)).toMatchObject({
      state: 'failed',
      error: { code: 'disk-full' },
    });
    const incoming = path.join(disk.folder, 'library', 'incoming');
    expect(readdirSync(incoming)).toEqual([]);
    rmSync(filler);
    const before = await idsOf(library);
    expect(before.length).toBeLessThan(files);
    expect(await checkedReport(library)).toEqual(soundReport(before.length));
    const again = await importAll(imports, [from]);
    expect(again.job).toMatchObject({ state: 'done', progress: { skipped: 0 } });
    expect(await idsOf(library)).toHaveLength(files);
    expect(await checkedReport(library)).toEqual(soundReport(files));
  },
  120_000,
);
