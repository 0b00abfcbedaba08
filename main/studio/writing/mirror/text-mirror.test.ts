import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { edit, hold, newScene, temporaryDesk } from '../writing.fixture.ts';
import { updateMirror } from './text-mirror.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-mirror-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function textDocument(text: string): DocumentNode {
  return documentSchema.node('doc', null, [
    documentSchema.node('paragraph', null, [documentSchema.text(text)]),
  ]);
}

const scene = (id: string, title: string) => ({ id, title, synopsis: '', words: 0 });
const documentOf = (id: string) => textDocument(`Text of ${id}.`);

function mirror(
  chapters: { title: string; scenes: ReturnType<typeof scene>[] }[],
  changed: string[],
) {
  updateMirror({
    folder,
    project: { chapters: chapters.map((chapter, index) => ({ id: String(index), ...chapter })) },
    changed: new Set(changed),
    documentOf,
  });
  return readdirSync(path.join(folder, 'text'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort();
}

describe('the plain files of a project', () => {
  it('follow its chapters and scenes, and only changed texts are made anew', () => {
    const one = { title: 'One', scenes: [scene('a', 'Start'), scene('b', '')] };
    expect(mirror([one], ['a', 'b'])).toEqual(['01 One/01 Start.md', '01 One/02 Scene.md']);
    const swapped = { title: 'One', scenes: [scene('b', ''), scene('a', 'Start')] };
    expect(mirror([{ title: '', scenes: [scene('c', 'New: one')] }, swapped], ['c'])).toEqual([
      '01 Chapter/01 New one.md',
      '02 One/01 Scene.md',
      '02 One/02 Start.md',
    ]);
    expect(readFileSync(path.join(folder, 'text/02 One/02 Start.md'), 'utf8')).toBe('Text of a.\n');
    expect(readdirSync(path.join(folder, 'text'))).toEqual([
      '.mirror.json',
      '01 Chapter',
      '02 One',
    ]);
  });

  it('that were changed outside are kept under another name', () => {
    const one = { title: 'One', scenes: [scene('a', 'Start')] };
    mirror([one], ['a']);
    writeFileSync(path.join(folder, 'text/01 One/01 Start.md'), 'My own words.');
    expect(mirror([one], ['a'])).toEqual([
      '01 One/01 Start (changed outside).md',
      '01 One/01 Start.md',
    ]);
    writeFileSync(path.join(folder, 'text/01 One/01 Start.md'), 'Again.');
    expect(mirror([{ title: 'One', scenes: [scene('b', 'Other')] }], ['b'])).toEqual([
      '01 One/01 Other.md',
      '01 One/01 Start (changed outside 2).md',
      '01 One/01 Start (changed outside).md',
    ]);
  });

  it('are written when the studio closes at the latest', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { place } = await newScene(desk.client);
    const held = hold(await desk.client['scenes.open'](place));
    await edit(desk.client, held, (tr) => tr.insert(1, documentSchema.text('Hello *world*')));
    await desk.close();
    const documents = path.join(temporary.folder, 'documents');
    const file = readdirSync(documents, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('.md'),
    );
    expect(readFileSync(path.join(documents, file ?? ''), 'utf8')).toBe('Hello \\*world\\*\n');
  });
});
