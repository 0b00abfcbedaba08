import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DocumentExport, DocumentExportEvent } from '../../../../contract/document-files.ts';
import { openDesk } from '../writing.fixture.ts';
import { createDocumentFiles, type DocumentFiles } from './document-files.ts';

let folder: string;
let desk: Awaited<ReturnType<typeof openDesk>>;
let files: DocumentFiles;
const context = { signal: new AbortController().signal };

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-files-'));
  desk = await openDesk(folder);
  files = createDocumentFiles({
    libraryFolder: folder,
    writing: desk.client,
    picturePath: () => Promise.resolve(null),
    reveal: null,
    now: () => 1000,
  });
});
afterEach(async () => {
  await desk.close();
  await rm(folder, { recursive: true, force: true });
});

const importText = (fileName: string, text: string, into: string | null = null) =>
  files.handlers['documents.import']({ fileName, bytes: Buffer.from(text), into }, context);

async function exported(
  wish: Pick<DocumentExport, 'projectId'> & Partial<DocumentExport>,
): Promise<Extract<DocumentExportEvent, { kind: 'done' }>> {
  const events: DocumentExportEvent[] = [];
  for await (const event of files.handlers['documents.export'](
    { format: 'markdown', origins: 'none', pageSize: 'a5', chapters: null, ...wish },
    context,
  ))
    events.push(event);
  const last = events.at(-1);
  if (last?.kind !== 'done') throw new Error('The export said nothing of its end.');
  expect(events.filter(({ kind }) => kind === 'progress').length).toBe(events.length - 1);
  return last;
}

const source = '# A Tale\n\n## One\n\nOnce *upon* a time.\n\n## Two\n\n> The end.\n';

describe('A file', () => {
  it('becomes a project with its chapters, and is exported as it was', async () => {
    const project = await importText('tale.md', source);
    expect(project.title).toBe('A Tale');
    expect(
      project.chapters.map(({ title, scenes }) => [title, scenes.map(({ words }) => words)]),
    ).toEqual([
      ['One', [4]],
      ['Two', [2]],
    ]);
    const done = await exported({ projectId: project.id });
    expect(await readFile(done.path, 'utf8')).toBe(source);
    const asset = await files.resolveAsset(done.url.slice(done.url.lastIndexOf('/') + 1));
    expect(asset.path).toBe(done.path);
  });

  it('can be undone as one change of each scene', async () => {
    const project = await importText('tale.md', source);
    const scene = project.chapters[0]?.scenes[0]?.id ?? '';
    const opened = await desk.client['scenes.open']({ projectId: project.id, sceneId: scene });
    expect(opened.nodes.map(({ kind }) => kind).at(-1)).toBe('import');
    expect(opened.head).toBe(1);
  });

  it('goes behind the chapters of a project that is there', async () => {
    const project = await importText('one.md', source);
    const longer = await importText('more.txt', 'Further words.', project.id);
    expect(longer.chapters.map(({ title }) => title)).toEqual(['One', 'Two', '']);
  });

  it('that cannot be read leaves no project behind', async () => {
    await expect(importText('broken.docx', 'no')).rejects.toMatchObject({ code: 'bad-request' });
    expect(await desk.client['projects.list']({})).toEqual([]);
  });
});

describe('An export', () => {
  it('takes a name that is free, and a name that every system takes', async () => {
    const project = await importText('a.txt', 'Words.');
    const { revision } = project;
    await desk.client['projects.update']({
      id: project.id,
      revision,
      changes: { title: 'A/B: "C"?' },
    });
    const first = await exported({ projectId: project.id, format: 'text' });
    const second = await exported({ projectId: project.id, format: 'text' });
    expect([first.fileName, second.fileName]).toEqual(['A B C.txt', 'A B C (2).txt']);
    expect((await readdir(path.join(folder, 'exports'))).toSorted()).toEqual([
      'A B C (2).txt',
      'A B C.txt',
    ]);
  });

  it('of chosen chapters holds those alone', async () => {
    const project = await importText('tale.md', source);
    const two = project.chapters[1]?.id ?? '';
    const done = await exported({ projectId: project.id, chapters: [two] });
    expect(await readFile(done.path, 'utf8')).toBe('# A Tale\n\n## Two\n\n> The end.\n');
  });
});
