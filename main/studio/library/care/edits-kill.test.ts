import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import {
  addPicture,
  checkedReport,
  idsOf,
  recipeOf,
  soundReport,
  temporaryLibrary,
} from '../library.fixture.ts';

/** More of them: `ATELIER_KILLS=200`. */
const kills = Number(process.env['ATELIER_KILLS'] ?? 20);
/** Libraries that are killed side by side: a process takes most of its time to start. */
const libraries = 4;
const pictures = 8;
const editorPath = path.join(import.meta.dirname, 'editor.fixture.ts');

const Told = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('begins'), id: z.string() }),
  z.object({ kind: z.literal('marked'), id: z.string(), rating: z.number(), note: z.string() }),
]);

async function killAgainAndAgain(first: number, count: number): Promise<number> {
  await using temporary = await temporaryLibrary();
  const library = await temporary.open();
  const ids: string[] = [];
  for (let seed = 0; seed < pictures; seed += 1) {
    const recipe = recipeOf({ seed, createdAt: 1_800_000_000_000 + seed });
    ids.push((await addPicture(library, recipe, { embedRecipe: seed % 2 === 0 })).id);
  }
  await library.change.createAlbum({ name: 'Best', ids: ids.slice(0, 3) });
  await library.close();
  const acknowledged = new Map<string, { rating: number; note: string }>();
  let changes = 0;
  for (let kill = 0; kill < count; kill += 1) {
    const seed = String(7919 * (first + kill) + 1);
    const editor = fork(editorPath, [temporary.folder, temporary.cacheFolder, seed]);
    let begun: string | null = null;
    editor.on('message', (message) => {
      const told = Told.parse(message);
      if (told.kind === 'begins') {
        begun = told.id;
        changes += 1;
      } else if (told.kind === 'marked') {
        acknowledged.set(told.id, { rating: told.rating, note: told.note });
        begun = null;
      }
    });
    await once(editor, 'message');
    await sleep(Math.random() * 250);
    editor.kill('SIGKILL');
    await once(editor, 'close');
    // A change that was cut off may be there or not.
    if (begun !== null) acknowledged.delete(begun);
  }
  const again = await temporary.open();
  const live = await idsOf(again);
  const trashed = await idsOf(again, { trashed: true });
  expect([...live, ...trashed].toSorted()).toEqual(ids.toSorted());
  expect(await checkedReport(again)).toEqual(soundReport(live.length, trashed.length));
  for (const [id, { rating, note }] of acknowledged)
    expect(await again.get(id)).toMatchObject({ rating, note, missing: false });
  return changes;
}

it(
  `finds nothing wrong, and everything acknowledged, after ${kills} kills among edits`,
  async () => {
    const each = Math.ceil(kills / libraries);
    const changes = await Promise.all(
      Array.from({ length: libraries }, (_, index) => killAgainAndAgain(index * each, each)),
    );
    expect(changes.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(kills);
  },
  120_000 + kills * 24_000,
);
