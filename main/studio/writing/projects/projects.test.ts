import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { LoreEntry } from '../../../../contract/projects.ts';
import { documentSchema } from '../document-schema.ts';
import {
  edit,
  hold,
  newScene,
  temporaryDesk,
  textOf,
  type DeskClient,
} from '../writing.fixture.ts';

const text = documentSchema.text.bind(documentSchema);

function projectFolder(library: string): string {
  const name =
    readdirSync(path.join(library, 'documents')).find((entry) => entry !== 'trash') ?? 'none';
  return path.join(library, 'documents', name);
}

async function write(
  client: DeskClient,
  place: { projectId: string; sceneId: string },
  words: string,
) {
  const held = hold(await client['scenes.open'](place));
  await edit(client, held, (tr) => tr.insert(1, text(words)));
  return held;
}

describe('a project', () => {
  it('begins with one chapter of one empty scene, in a folder that people can read', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { project } = await newScene(desk.client, 'Der: Fluß / 猫?');
    expect(project).toMatchObject({
      revision: 0,
      memory: '',
      lore: [],
      chapters: [{ scenes: [{ words: 0 }] }],
    });
    expect(path.basename(projectFolder(temporary.folder))).toBe(`Der Fluß 猫 ${project.id}`);
    await desk.client['projects.update']({
      id: project.id,
      revision: 0,
      changes: { title: 'River' },
    });
    await desk.close();
    const again = await temporary.open();
    expect(await again.client['projects.list']({})).toMatchObject([
      { id: project.id, title: 'River', chapters: 1, words: 0, problem: null },
    ]);
    expect(path.basename(projectFolder(temporary.folder))).toBe(`River ${project.id}`);
  });

  it('keeps every field that a change does not name', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { project } = await newScene(client);
    const all = {
      title: 'River',
      author: 'Ada',
      language: 'de',
      memory: 'A sad tale.',
      authorsNote: { text: 'Slow.', depth: 1 },
      lore: [LoreEntry.parse({ id: project.id, title: 'King', keys: ['king'], text: 'Rex.' })],
      goals: { sessionWords: 500, projectWords: 90_000 },
    };
    let { id, revision } = await client['projects.update']({
      id: project.id,
      revision: 0,
      changes: all,
    });
    for (const name of Object.keys(all) as (keyof typeof all)[]) {
      const changed = await client['projects.update']({
        id,
        revision,
        changes: { [name]: all[name] },
      });
      expect(changed).toMatchObject(all);
      ({ id, revision } = changed);
    }
  });

  it('refuses changes to an older revision, none with a scene twice, and none without a scene', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { project } = await newScene(client);
    const { id, chapters } = project;
    await client['projects.update']({ id, revision: 0, changes: { memory: 'x' } });
    await expect(
      client['projects.update']({ id, revision: 0, changes: { memory: 'y' } }),
    ).rejects.toMatchObject({ code: 'conflict', details: { revision: 1 } });
    for (const wrong of [
      [...chapters, ...chapters],
      chapters.map((chapter) => ({ ...chapter, scenes: [] })),
    ]) {
      await expect(
        client['projects.update']({ id, revision: 1, changes: { chapters: wrong } }),
      ).rejects.toMatchObject({ code: 'bad-request' });
    }
    expect(await client['projects.get']({ id })).toMatchObject({ memory: 'x', revision: 1 });
  });

  it('puts a scene that is left out into the trash with its history, and back', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { project, place } = await newScene(desk.client);
    const { id, chapters } = project;
    await write(desk.client, place, 'Kept for later');
    const other = { id: crypto.randomUUID(), title: 'Other' };
    const chapter = chapters[0];
    await desk.client['projects.update']({
      id,
      revision: 0,
      changes: { chapters: [{ id: chapter?.id ?? '', title: 'One', scenes: [other] }] },
    });
    await desk.close();
    const { client } = await temporary.open();
    expect(await client['projects.trashedScenes']({ id })).toMatchObject([
      { id: place.sceneId, chapterId: chapter?.id, index: 0 },
    ]);
    const back = await client['projects.restoreScene']({
      id,
      sceneId: place.sceneId,
      chapterId: chapter?.id ?? '',
      index: 1,
    });
    expect(back.chapters[0]?.scenes.map((scene) => scene.id)).toEqual([other.id, place.sceneId]);
    const opened = await client['scenes.open'](place);
    expect(textOf(hold(opened).doc)).toBe('Kept for later');
    expect(opened.nodes).toHaveLength(2);
    expect(await client['projects.trashedScenes']({ id })).toEqual([]);
  });

  it('goes to the trash and comes back with everything', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { project, place } = await newScene(client);
    await write(client, place, 'Safe');
    await client['projects.trash']({ id: project.id });
    expect(await client['projects.list']({})).toEqual([]);
    expect(await client['projects.trashed']({})).toMatchObject([{ id: project.id }]);
    await expect(client['scenes.open'](place)).rejects.toMatchObject({ code: 'not-found' });
    await client['projects.restore']({ id: project.id });
    expect(textOf(hold(await client['scenes.open'](place)).doc)).toBe('Safe');
  });

  it('of more scenes than are held open at once keeps all of them', async () => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open();
    const { project } = await newScene(client);
    const ids = Array.from({ length: 40 }, () => crypto.randomUUID());
    const chapter = { id: crypto.randomUUID(), scenes: ids.map((id) => ({ id })) };
    await client['projects.update']({
      id: project.id,
      revision: 0,
      changes: { chapters: [...project.chapters, chapter] },
    });
    for (const round of ['One', 'Two']) {
      for (const sceneId of ids)
        await write(client, { projectId: project.id, sceneId }, `${round} ${sceneId}. `);
    }
    for (const sceneId of ids) {
      const opened = await client['scenes.open']({ projectId: project.id, sceneId });
      expect(textOf(hold(opened).doc)).toBe(`Two ${sceneId}. One ${sceneId}. `);
    }
    const report = await client['projects.check']({});
    expect(report).toEqual({ projects: 1, scenes: 41, problems: [] });
  });

  it('counts the words of a sitting', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { project, place } = await newScene(desk.client);
    const append = (client: DeskClient, revision: number, words: number) =>
      client['scenes.append']({
        ...place,
        revision,
        words,
        changes: [{ kind: 'label', id: 0, label: null }],
      });
    await append(desk.client, 0, 120);
    expect(await desk.client['projects.session']({ id: project.id })).toMatchObject({
      words: 120,
      projectWords: 120,
    });
    await desk.close();
    const { client } = await temporary.open();
    expect(await client['projects.session']({ id: project.id })).toMatchObject({
      words: 0,
      projectWords: 120,
    });
    await append(client, 1, 150);
    expect(await client['projects.session']({ id: project.id })).toMatchObject({ words: 30 });
    expect(await client['projects.session']({ id: project.id, restart: true })).toMatchObject({
      words: 0,
    });
    expect(await client['projects.get']({ id: project.id })).toMatchObject({
      chapters: [{ scenes: [{ words: 150 }] }],
    });
  });
});

describe('a record', () => {
  it('that is damaged falls back to the version before it, and is kept', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { project } = await newScene(desk.client, 'Novel');
    const { id } = project;
    await desk.client['projects.update']({ id, revision: 0, changes: { memory: 'first' } });
    await desk.client['projects.update']({ id, revision: 1, changes: { memory: 'second' } });
    await desk.close();
    const folder = projectFolder(temporary.folder);
    writeFileSync(path.join(folder, 'project.json'), '{"version":1,"id');
    const again = await temporary.open();
    expect(await again.client['projects.get']({ id })).toMatchObject({
      memory: 'first',
      revision: 1,
    });
    await vi.waitFor(() => expect(again.entries.join()).toContain('before its last change'));
    const damaged = readdirSync(folder).find((name) => name.startsWith('damaged-')) ?? '';
    expect(readFileSync(path.join(folder, damaged), 'utf8')).toBe('{"version":1,"id');
  });

  it('of which no version can be read is made anew from the scenes, under the titles they had', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { project, place } = await newScene(desk.client, 'Novel');
    const { id, chapters } = project;
    await desk.client['projects.update']({
      id,
      revision: 0,
      changes: {
        chapters: [
          {
            id: chapters[0]?.id ?? '',
            title: 'One',
            scenes: [
              { id: crypto.randomUUID(), title: 'Before' },
              { id: place.sceneId, title: 'After' },
            ],
          },
        ],
      },
    });
    await write(desk.client, place, 'Still here');
    await desk.close();
    const folder = projectFolder(temporary.folder);
    for (const name of ['project.json', 'project.previous.json'])
      writeFileSync(path.join(folder, name), 'x');
    const again = await temporary.open();
    expect(await again.client['projects.get']({ id })).toMatchObject({
      title: 'Novel',
      chapters: [
        { title: 'One', scenes: [{ title: 'Before' }, { title: 'After', id: place.sceneId }] },
      ],
    });
    expect(textOf(hold(await again.client['scenes.open'](place)).doc)).toBe('Still here');
    expect(readdirSync(folder).filter((name) => name.startsWith('damaged-'))).toHaveLength(2);
    await vi.waitFor(() => expect(again.entries.join()).toContain('made anew'));
  });

  it('of a newer version is refused by that name and left as it is', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { project } = await newScene(desk.client);
    await desk.close();
    const file = path.join(projectFolder(temporary.folder), 'project.json');
    const newer = readFileSync(file, 'utf8').replace('"version": 1', '"version": 9');
    writeFileSync(file, newer);
    const { client } = await temporary.open();
    await expect(client['projects.get']({ id: project.id })).rejects.toMatchObject({
      code: 'library-newer',
      details: { version: 9 },
    });
    expect(readFileSync(file, 'utf8')).toBe(newer);
  });

  it('that lost a scene gets it back from its file', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open();
    const { place, project } = await newScene(desk.client);
    await write(desk.client, place, 'Found');
    await desk.close();
    const file = path.join(projectFolder(temporary.folder), 'project.json');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(place.sceneId, crypto.randomUUID()));
    const { client } = await temporary.open();
    const { chapters } = await client['projects.get']({ id: project.id });
    expect(chapters.at(-1)).toMatchObject({
      title: 'Found scenes',
      scenes: [{ id: place.sceneId }],
    });
    expect(textOf(hold(await client['scenes.open'](place)).doc)).toBe('Found');
  });
});

describe('the plain page of before', () => {
  const page = JSON.stringify({
    text: 'I wrote this, and it wrote that.\nA line.\n\nA paragraph of both.',
    modelStretches: [
      { start: 14, end: 40 },
      { start: 44, end: 49 },
    ],
  });

  it('becomes a project once, with what a model wrote marked', async () => {
    await using temporary = await temporaryDesk();
    const desk = await temporary.open(undefined, page);
    const [project] = await desk.client['projects.list']({});
    expect(project).toMatchObject({ title: 'My page', words: 13 });
    const { chapters } = await desk.client['projects.get']({ id: project?.id ?? '' });
    const place = { projectId: project?.id ?? '', sceneId: chapters[0]?.scenes[0]?.id ?? '' };
    const opened = await desk.client['scenes.open'](place);
    const { doc } = hold(opened);
    expect(textOf(doc)).toBe('I wrote this, and it wrote that.\nA line.\n\nA paragraph of both.');
    const marked: string[] = [];
    doc.descendants((node) => {
      if (node.isText && node.marks.length > 0) marked.push(node.text ?? '');
    });
    expect(marked).toEqual(['and it wrote that.', 'A line.', 'parag']);
    expect(opened.runs).toMatchObject([{ modelId: 'unknown' }]);
    await desk.client['projects.trash']({ id: place.projectId });
    await desk.close();
    const again = await temporary.open(undefined, page);
    expect(await again.client['projects.list']({})).toEqual([]);
  });

  it.each(['', 'not JSON', '{"text":"  "}'])('of %j makes none', async (draft) => {
    await using temporary = await temporaryDesk();
    const { client } = await temporary.open(undefined, draft);
    expect(await client['projects.list']({})).toEqual([]);
  });
});
