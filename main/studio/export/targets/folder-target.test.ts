import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openFolderTarget } from './folder-target.ts';
import type { PlacedFile } from './target.ts';

it('a picture of which a crash left some files gets all of them under the same names', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'atelier-folder-target-'));
  try {
    await writeFile(path.join(folder, 'theirs.txt'), 'of somebody else');
    const options = { folder, exportId: 'export', replaces: false };
    const files = ['own.webp', 'own.txt'].map((name) => ({ name, bytes: Buffer.from(name) }));
    let noted: readonly PlacedFile[] = [];
    const first = await openFolderTarget(options);
    await first.place(0, files, (placed) => {
      noted = placed;
      return Promise.resolve();
    });
    expect(await first.settle(noted)).toBe(true);

    await rm(path.join(folder, 'own.txt'));
    const second = await openFolderTarget(options);
    expect(await second.settle(noted)).toBe(false);
    expect(await second.isTaken(['own.webp', 'own.txt'])).toBe(false);
    await second.place(0, files, () => Promise.resolve());
    expect(await second.settle(noted)).toBe(true);

    // What somebody put under the name is theirs.
    await rm(path.join(folder, 'own.txt'));
    await writeFile(path.join(folder, 'own.webp'), 'something else');
    expect(await second.settle(noted)).toBe(false);
    expect((await readdir(folder)).toSorted()).toEqual(['own.webp', 'theirs.txt']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
