import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../../../contract/settings.ts';
import { openSettings } from './settings.ts';

async function temporarySettings() {
  const root = await mkdtemp(path.join(tmpdir(), 'atelier-settings-'));
  const dataFolder = path.join(root, 'data');
  const entries: string[] = [];
  return {
    dataFolder,
    entries,
    open: () =>
      openSettings({
        dataFolder,
        now: () => 1234,
        log: (level, text) => entries.push(`${level}: ${text}`),
      }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

describe('settings', () => {
  it('start with the defaults and survive a restart', async () => {
    await using temporary = await temporarySettings();
    const settings = await temporary.open();
    expect(settings.get()).toEqual(defaultSettings);
    expect(await settings.set({ theme: 'light', threads: 2 })).toEqual({
      ...defaultSettings,
      theme: 'light',
      threads: 2,
    });
    expect((await temporary.open()).get()).toEqual({
      ...defaultSettings,
      theme: 'light',
      threads: 2,
    });
    expect(await readdir(temporary.dataFolder)).toEqual(['settings.json']);
  });

  it('keep every change of many made at once, and tell the newest to watchers', async () => {
    await using temporary = await temporarySettings();
    const settings = await temporary.open();
    const seen: Settings[] = [];
    const watching = (async () => {
      for await (const value of settings.watch(AbortSignal.timeout(5000))) {
        seen.push(value);
        if (value.threads === 20) break;
      }
    })();
    await Promise.all([
      settings.set({ theme: 'dark' }),
      ...Array.from({ length: 20 }, (_, i) => settings.set({ threads: i + 1 })),
      settings.set({ livePreview: false }),
    ]);
    await watching;
    expect(seen[0]).toEqual(defaultSettings);
    expect((await temporary.open()).get()).toEqual({
      ...defaultSettings,
      theme: 'dark',
      threads: 20,
      livePreview: false,
    });
  });

  it.each(['', '{"theme": "da', '[]', 'null', '\0\0\0'])(
    'that read %j are kept aside, and the defaults used',
    async (text) => {
      await using temporary = await temporarySettings();
      await (await temporary.open()).set({});
      await writeFile(path.join(temporary.dataFolder, 'settings.json'), text);
      const settings = await temporary.open();
      expect(settings.get()).toEqual(defaultSettings);
      expect(
        await readFile(path.join(temporary.dataFolder, 'settings.json.corrupt-1234'), 'utf8'),
      ).toBe(text);
      expect(temporary.entries).toEqual([expect.stringContaining('settings.json.corrupt-1234')]);
      await settings.set({ theme: 'dark' });
      expect((await temporary.open()).get().theme).toBe('dark');
    },
  );

  it('lose only the values that this version does not know', async () => {
    await using temporary = await temporarySettings();
    await (await temporary.open()).set({});
    await writeFile(
      path.join(temporary.dataFolder, 'settings.json'),
      JSON.stringify({ theme: 'sepia', threads: 3, later: 1 }),
    );
    expect((await temporary.open()).get()).toEqual({ ...defaultSettings, threads: 3 });
    expect(temporary.entries).toEqual([expect.stringContaining('"theme"')]);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'are unchanged where they cannot be written',
    async () => {
      await using temporary = await temporarySettings();
      const settings = await temporary.open();
      await chmod(temporary.dataFolder, 0o555);
      await expect(settings.set({ theme: 'dark' })).rejects.toMatchObject({
        code: 'library-read-only',
      });
      await chmod(temporary.dataFolder, 0o755);
      expect(settings.get()).toEqual(defaultSettings);
    },
  );
});

describe('drafts', () => {
  it('survive a restart, each under its key, also under names that Windows reserves', async () => {
    await using temporary = await temporarySettings();
    const settings = await temporary.open();
    expect(await settings.draft('create.prompt')).toBeNull();
    await Promise.all([
      settings.setDraft('create.prompt', 'a cat\n🐈'),
      settings.setDraft('con', ''),
      settings.setDraft('write.page', 'x'.repeat(2_000_000)),
    ]);
    const again = await temporary.open();
    expect(await again.draft('create.prompt')).toBe('a cat\n🐈');
    expect(await again.draft('con')).toBe('');
    expect(await again.draft('write.page')).toHaveLength(2_000_000);
  });

  it('end as the last of many texts typed quickly, and are read as such at any moment', async () => {
    await using temporary = await temporarySettings();
    const settings = await temporary.open();
    const writes = [];
    for (let i = 0; i < 200; i += 1) {
      writes.push(settings.setDraft('create.prompt', `text ${i}`));
      if (i % 20 === 0) expect(await settings.draft('create.prompt')).toBe(`text ${i}`);
    }
    await Promise.all(writes);
    expect(await (await temporary.open()).draft('create.prompt')).toBe('text 199');
    expect(await readdir(path.join(temporary.dataFolder, 'drafts'))).toEqual([
      'draft-create.prompt.json',
    ]);
  });

  it('that cannot be read are kept aside', async () => {
    await using temporary = await temporarySettings();
    const settings = await temporary.open();
    await settings.setDraft('write.page', 'a long story');
    await writeFile(
      path.join(temporary.dataFolder, 'drafts', 'draft-write.page.json'),
      '{"text": "a long st',
    );
    expect(await settings.draft('write.page')).toBeNull();
    expect(
      await readFile(
        path.join(temporary.dataFolder, 'drafts', 'draft-write.page.json.corrupt-1234'),
        'utf8',
      ),
    ).toContain('a long st');
    await settings.setDraft('write.page', 'again');
    expect(await settings.draft('write.page')).toBe('again');
  });
});
