import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openActivity } from './activity.ts';

async function temporaryActivity(maxEntries?: number) {
  const root = await mkdtemp(path.join(tmpdir(), 'atelier-activity-'));
  const dataFolder = path.join(root, 'data');
  let clock = 1000;
  return {
    dataFolder,
    file: path.join(dataFolder, 'activity.jsonl'),
    open: () =>
      openActivity({
        dataFolder,
        now: () => (clock += 1),
        ...(maxEntries === undefined ? {} : { maxEntries }),
      }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

describe('the activity log', () => {
  it('pages newest first and goes on numbering after a restart', async () => {
    await using temporary = await temporaryActivity();
    const first = await temporary.open();
    for (const text of ['one', 'two', 'three']) first.log('engine', 'info', text);
    await first.close();
    const again = await temporary.open();
    again.log('job', 'error', 'four');
    expect(again.page(null, 2)).toEqual([
      { id: 4, at: 1004, kind: 'job', level: 'error', text: 'four' },
      { id: 3, at: 1003, kind: 'engine', level: 'info', text: 'three' },
    ]);
    expect(again.page(3, 10).map(({ id }) => id)).toEqual([2, 1]);
    await again.close();
    expect((await readFile(temporary.file, 'utf8')).split('\n')).toHaveLength(5);
  });

  it('forgets the oldest beyond its bound, in memory and in the file', async () => {
    await using temporary = await temporaryActivity(10);
    const activity = await temporary.open();
    for (let i = 1; i <= 95; i += 1) {
      activity.log('library', 'info', `entry ${i}`);
      if (i % 7 === 0) await activity.close();
    }
    await activity.close();
    expect(activity.page(null, 100).map(({ id }) => id)).toEqual([
      95, 94, 93, 92, 91, 90, 89, 88, 87, 86,
    ]);
    expect((await readFile(temporary.file, 'utf8')).split('\n').length).toBeLessThanOrEqual(21);
    expect((await temporary.open()).page(null, 100)).toEqual(activity.page(null, 100));
  });

  it('tells watchers what happens from then on', async () => {
    await using temporary = await temporaryActivity();
    const activity = await temporary.open();
    activity.log('engine', 'info', 'before');
    const watching = (async () => {
      for await (const { text } of activity.watch(AbortSignal.timeout(5000))) return text;
      return null;
    })();
    await Promise.resolve();
    activity.log('engine', 'warning', 'after');
    expect(await watching).toBe('after');
  });

  it('goes on after damaged lines', async () => {
    await using temporary = await temporaryActivity();
    await mkdir(temporary.dataFolder);
    await writeFile(
      temporary.file,
      '{"id":7,"at":1,"kind":"job","level":"info","text":"whole"}\nnonsense\n{"id":8,"at":2,"ki',
    );
    const activity = await temporary.open();
    expect(activity.page(null, 10).map(({ text }) => text)).toEqual(['whole']);
    activity.log('job', 'info', 'next');
    await activity.close();
    expect((await temporary.open()).page(null, 10).map(({ id, text }) => [id, text])).toEqual([
      [8, 'next'],
      [7, 'whole'],
    ]);
  });

  it('never stands in the way where its folder cannot be made', async () => {
    await using temporary = await temporaryActivity();
    await writeFile(temporary.dataFolder, 'a file in the way');
    const activity = await temporary.open();
    activity.log('library', 'error', 'disk full');
    await activity.close();
    expect(activity.page(null, 10)).toMatchObject([{ text: 'disk full' }]);
  });
});
