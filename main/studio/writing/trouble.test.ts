/** What goes wrong in real life: a clear error, and nothing lost. */
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { canMount, mountSmallDisk } from '../small-disk.fixture.ts';
import { documentSchema } from './document-schema.ts';
import {
  changeOf,
  edit,
  hold,
  newScene,
  samplingForTests,
  scriptedText,
  temporaryDesk,
  textOf,
} from './writing.fixture.ts';

const text = documentSchema.text.bind(documentSchema);

describe('a paste', () => {
  const paragraphs = (megabytes: number) =>
    Array.from({ length: megabytes * 1000 }, () =>
      documentSchema.node('paragraph', null, [
        text('All work and no play makes a dull page. '.repeat(25)),
      ]),
    );

  it.each([
    [10, 'is taken'],
    [50, 'is refused as too large, and nothing is changed'],
  ])('of %d MB %s', { timeout: 120_000 }, async (megabytes) => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { place } = await newScene(desk.client);
    const held = hold(await desk.client['scenes.open'](place));
    const change = changeOf(held, (tr) => tr.insert(0, paragraphs(megabytes)));
    const pasted = desk.client['scenes.append']({
      ...place,
      revision: 0,
      changes: [change],
      words: 1,
    });
    if (megabytes < 16) await pasted;
    else await expect(pasted).rejects.toMatchObject({ code: 'too-large' });

    const opened = hold(await desk.client['scenes.open'](place));
    expect(opened.doc.childCount).toBe(megabytes < 16 ? megabytes * 1000 + 1 : 1);
    await edit(desk.client, opened, (tr) => tr.insert(1, text('Typed after it.')));
    await desk.close();
    const again = hold(await (await temporary.open()).client['scenes.open'](place));
    expect(again.doc.firstChild?.textContent.startsWith('Typed after it.')).toBe(true);
  });
});

describe('a documents folder', () => {
  it('that is a file is refused with a remedy', async () => {
    await using temporary = await temporaryDesk();
    writeFileSync(path.join(temporary.folder, 'documents'), 'a file');
    await expect(temporary.open()).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('Choose another folder'),
    });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'that cannot be written to is refused with a remedy',
    async () => {
      await using temporary = await temporaryDesk();
      chmodSync(temporary.folder, 0o555);
      await expect(temporary.open()).rejects.toMatchObject({ code: 'library-read-only' });
      chmodSync(temporary.folder, 0o755);
    },
  );
});

describe('a full disk', () => {
  it.skipIf(!canMount)(
    'refuses typing and tokens, keeps all that was answered, and goes on once there is room',
    async () => {
      using disk = mountSmallDisk(4);
      await using temporary = await temporaryDesk(disk.folder);
      const desk = await temporary.open(
        scriptedText(Array.from({ length: 50_000 }, () => ' token')),
      );
      const { place } = await newScene(desk.client);
      const held = hold(await desk.client['scenes.open'](place));
      const filler = path.join(disk.folder, 'filler');
      writeFileSync(filler, Buffer.alloc(2 * 2 ** 20));
      let shown = 0;
      const generate = async () => {
        for await (const event of desk.client['scenes.generate']({
          ...place,
          revision: 0,
          position: 1,
          task: 'continue',
          request: { modelId: 'scripted', prompt: 'x', sampling: samplingForTests },
        }))
          if (event.kind === 'write' && event.event.kind === 'token') shown += 1;
      };
      await expect(generate()).rejects.toMatchObject({
        code: 'disk-full',
        message: expect.stringContaining('Free some space'),
      });
      expect(shown).toBeGreaterThan(1000);
      await expect(
        edit(desk.client, held, (tr) => tr.insert(1, text('x'.repeat(100_000)))),
      ).rejects.toMatchObject({ code: 'disk-full' });
      rmSync(filler);
      const opened = await desk.client['scenes.open'](place);
      expect(opened.recoveredTokens).toBeGreaterThanOrEqual(shown);
      const after = hold(opened);
      expect(textOf(after.doc)).toBe(' token'.repeat(opened.recoveredTokens));
      await edit(desk.client, after, (tr) => tr.insert(1, text('Room again.')));
      await desk.close();
      const again = await temporary.open();
      const last = hold(await again.client['scenes.open'](place));
      expect(textOf(last.doc)).toBe(`Room again.${' token'.repeat(opened.recoveredTokens)}`);
      const left = readdirSync(disk.folder, { recursive: true, encoding: 'utf8' });
      expect(left.filter((name) => name.endsWith('.tmp') || name.includes('.damaged'))).toEqual([]);
    },
    60_000,
  );
});
