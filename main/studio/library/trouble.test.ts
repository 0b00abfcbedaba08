import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { canMount, mountSmallDisk } from '../small-disk.fixture.ts';
import {
  addPicture,
  checkedReport,
  idsOf,
  rate,
  recipeOf,
  soundReport,
  temporaryLibrary,
} from './library.fixture.ts';

/** Every file below a folder with its bytes. */
function snapshotOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const filePath = path.join(entry.parentPath, entry.name);
      return [filePath, readFileSync(filePath, 'base64')];
    }),
  );
}

const openerPath = path.join(import.meta.dirname, 'opener.fixture.ts');

describe('a library that is open already', () => {
  it('is refused, naming the process that holds it, and is free once that one closes it', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await expect(temporary.open()).rejects.toMatchObject({
      code: 'library-locked',
      details: { pid: process.pid, host: hostname() },
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
    });
    const { id } = await addPicture(library, recipeOf());
    await library.close();
    expect(await idsOf(await temporary.open())).toEqual([id]);
  });

  it('is refused across processes, and free at once when the other is killed', async () => {
    await using temporary = await temporaryLibrary();
    const holder = fork(openerPath, [temporary.folder, temporary.cacheFolder]);
    expect((await once(holder, 'message'))[0]).toEqual({ opened: true });
    await expect(temporary.open()).rejects.toMatchObject({
      code: 'library-locked',
      details: { pid: holder.pid },
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await idsOf(await temporary.open())).toEqual([]);
  });

  it('goes to exactly one of several processes that open it at the same moment', async () => {
    await using temporary = await temporaryLibrary();
    const openers = [1, 2, 3, 4].map(() =>
      fork(openerPath, [temporary.folder, temporary.cacheFolder]),
    );
    const answers = await Promise.all(
      openers.map(async (opener) => (await once(opener, 'message'))[0] as object),
    );
    for (const opener of openers) opener.kill('SIGKILL');
    expect(answers.filter((answer) => 'opened' in answer)).toHaveLength(1);
    expect(
      answers.filter((answer) => 'code' in answer && answer.code === 'library-locked'),
    ).toHaveLength(3);
  }, 20_000);

  it('does not go by a lock file that a dead process left', async () => {
    await using temporary = await temporaryLibrary();
    mkdirSync(temporary.folder, { recursive: true });
    writeFileSync(path.join(temporary.folder, 'library.lock'), '');
    writeFileSync(
      path.join(temporary.folder, 'library.owner.json'),
      '{"pid":1,"host":"elsewhere"}',
    );
    expect(await idsOf(await temporary.open())).toEqual([]);
  });
});

describe('a database', () => {
  it('from a newer version is refused and nothing in the folder is touched', async () => {
    await using temporary = await temporaryLibrary();
    mkdirSync(temporary.folder, { recursive: true });
    const database = new DatabaseSync(path.join(temporary.folder, 'library.sqlite'));
    database.exec('CREATE TABLE from_the_future (x); PRAGMA user_version = 99;');
    database.close();
    const before = snapshotOf(temporary.folder);
    await expect(temporary.open()).rejects.toMatchObject({
      code: 'library-newer',
      details: { version: 99 },
      message: expect.stringContaining('Update Atelier'),
    });
    expect(snapshotOf(temporary.folder)).toEqual(before);
  });

  it('that is damaged is kept aside and made anew from the pictures', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const { id } = await addPicture(library, recipeOf());
    await rate(library, [id], 5);
    await library.close();
    const databasePath = path.join(temporary.folder, 'library.sqlite');
    for (const damage of [
      'not a database at all, whatever it may be called'.repeat(100),
      readFileSync(databasePath).subarray(0, 9000),
    ]) {
      writeFileSync(databasePath, damage);
      const again = await temporary.open();
      expect(await again.get(id)).toMatchObject({ rating: 5, missing: false });
      expect(await checkedReport(again)).toEqual(soundReport(1));
      await again.close();
    }
    const aside = readdirSync(temporary.folder).filter((name) =>
      name.startsWith('library.sqlite.damaged-'),
    );
    expect(aside).toHaveLength(2);
    expect(temporary.entries.filter((entry) => entry.includes('was damaged'))).toHaveLength(2);
  });
});

describe('a folder that cannot be written to', () => {
  it('because it is a file, is refused with a remedy', async () => {
    await using temporary = await temporaryLibrary();
    writeFileSync(temporary.folder, 'a file');
    await expect(temporary.open()).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('Choose another folder'),
    });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'is refused with a remedy',
    async () => {
      await using temporary = await temporaryLibrary();
      mkdirSync(temporary.folder, { recursive: true });
      chmodSync(temporary.folder, 0o555);
      await expect(temporary.open()).rejects.toMatchObject({ code: 'library-read-only' });
      chmodSync(temporary.folder, 0o755);
    },
  );

  it.skipIf(!canMount)(
    'is refused also for root, on a disk mounted read-only, and stays as it was',
    async () => {
      using disk = mountSmallDisk(8);
      await using temporary = await temporaryLibrary(disk.folder);
      const library = await temporary.open();
      const { id } = await addPicture(library, recipeOf());
      await library.close();
      const before = snapshotOf(disk.folder);
      execFileSync('mount', ['-o', 'remount,ro', disk.folder]);
      await expect(temporary.open()).rejects.toMatchObject({
        code: 'library-read-only',
        message: expect.stringContaining('cannot be written to'),
      });
      execFileSync('mount', ['-o', 'remount,rw', disk.folder]);
      expect(snapshotOf(disk.folder)).toEqual(before);
      expect(await idsOf(await temporary.open())).toEqual([id]);
    },
  );
});

describe('a full disk', () => {
  it.skipIf(!canMount)(
    'refuses the picture, keeps all others, and goes on once there is room',
    async () => {
      using disk = mountSmallDisk(6);
      await using temporary = await temporaryLibrary(disk.folder);
      const library = await temporary.open();
      const filler = path.join(disk.folder, 'filler');
      writeFileSync(filler, Buffer.alloc(2 * 2 ** 20));
      const kept: string[] = [];
      const fillUp = async () => {
        for (let seed = kept.length; ; seed += 1)
          kept.unshift(
            (
              await addPicture(library, recipeOf({ seed, createdAt: 1_800_000_000_000 + seed }), {
                side: 200,
              })
            ).id,
          );
      };
      await expect(fillUp()).rejects.toMatchObject({
        code: 'disk-full',
        message: expect.stringContaining('Free some space'),
      });
      expect(kept.length).toBeGreaterThan(5);
      // Small pictures until not even those fit: now the database itself runs out of room.
      const fillCracks = async () => {
        for (let seed = 1000; ; seed += 1)
          kept.unshift(
            (
              await addPicture(library, recipeOf({ seed, createdAt: 1_900_000_000_000 + seed }), {
                side: 64,
              })
            ).id,
          );
      };
      await expect(fillCracks()).rejects.toMatchObject({ code: 'disk-full' });
      expect(await idsOf(library)).toEqual(kept);
      expect(await checkedReport(library)).toEqual(soundReport(kept.length));
      rmSync(filler);
      const [newest = ''] = kept;
      await rate(library, [newest], 4);
      const { id } = await addPicture(
        library,
        recipeOf({ seed: 5000, createdAt: 1_950_000_000_000 }),
        { side: 200 },
      );
      await library.close();
      const again = await temporary.open();
      expect(await idsOf(again)).toEqual([id, ...kept]);
      expect(await again.get(newest)).toMatchObject({ rating: 4 });
      expect(
        readdirSync(disk.folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
          name.endsWith('.tmp'),
        ),
      ).toEqual([]);
    },
    30_000,
  );
});
