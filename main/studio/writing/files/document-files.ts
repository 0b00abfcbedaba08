/**
 * Projects as files of other programs, and such files as projects.
 *
 * Promises: an export never takes the name of a file that is there; an import that fails leaves no project behind.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type {
  DocumentExportEvent,
  documentFilesContract,
} from '../../../../contract/document-files.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Project, projectsContract } from '../../../../contract/projects.ts';
import type { Client, Handlers } from '../../../../contract/rpc.ts';
import type { scenesContract } from '../../../../contract/scenes.ts';
import { assetAddress } from '../../library/asset-address.ts';
import type { Asset } from '../../library/library.ts';
import { startThread, type Thread } from '../../thread.ts';
import type { DocumentFormat } from '../export/export-book.ts';
import { documentThreadContract } from './document-thread-contract.ts';
import { fileNameOf } from './free-name.ts';
import { gatherBook } from './gather-book.ts';

export interface DocumentFiles {
  readonly handlers: Handlers<typeof documentFilesContract>;
  /** @throws {StudioError} `not-found` */
  resolveAsset(id: string): Promise<Asset>;
}

export interface DocumentFilesOptions {
  readonly libraryFolder: string;
  readonly writing: Client<typeof projectsContract & typeof scenesContract>;
  /** @returns the file of a picture of the library, null if there is none */
  readonly picturePath: (contentHash: string) => Promise<string | null>;
  readonly reveal: ((path: string) => Promise<void>) | null;
  readonly now: () => number;
}

const endings: Readonly<Record<DocumentFormat, string>> = {
  markdown: 'md',
  text: 'txt',
  html: 'html',
  docx: 'docx',
  epub: 'epub',
  pdf: 'pdf',
};

const contentTypes: Readonly<Record<DocumentFormat, string>> = {
  markdown: 'text/markdown; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  // As a download, never as a page of the studio.
  html: 'application/octet-stream',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  epub: 'application/epub+zip',
  pdf: 'application/pdf',
};

export function createDocumentFiles({
  libraryFolder,
  writing,
  picturePath,
  reveal,
  now,
}: DocumentFilesOptions): DocumentFiles {
  const assets = new Map<string, Asset>();

  async function* runExport(
    {
      projectId,
      format,
      origins,
      pageSize,
      chapters,
    }: Parameters<Handlers<typeof documentFilesContract>['documents.export']>[0],
    signal: AbortSignal,
  ): AsyncGenerator<DocumentExportEvent> {
    const project = await writing['projects.get']({ id: projectId });
    const book = await gatherBook(
      project,
      chapters,
      (sceneId) => writing['scenes.open']({ projectId, sceneId }),
      signal,
    );
    await using thread = openThread('The export');
    const shown = await thread.client.take({ book }, { signal });
    const pictures: Record<string, string> = {};
    for (const hash of shown.pictures) {
      const file = await picturePath(hash);
      if (file !== null) pictures[hash] = file;
    }
    const events = thread.client.write(
      {
        format,
        origins,
        pageSize,
        folder: path.join(libraryFolder, 'exports'),
        fileName: `${fileNameOf(book.title)}.${endings[format]}`,
        pictures,
      },
      { signal },
    );
    for await (const event of events) {
      if (event.kind === 'progress') yield event;
      else {
        const id = randomUUID();
        assets.set(id, { path: event.path, contentType: contentTypes[format], etag: id });
        yield { ...event, url: assetAddress('export', id) };
      }
    }
  }

  async function importFile(
    fileName: string,
    bytes: Uint8Array<ArrayBuffer>,
    into: string | null,
  ): Promise<Project> {
    await using thread = openThread('The import');
    const { title, chapters } = await thread.client.read({ fileName, bytes, at: now() });
    const own = path.basename(fileName, path.extname(fileName));
    const isNew = into === null;
    const before = isNew
      ? await writing['projects.create']({ title: title ?? own })
      : await writing['projects.get']({ id: into });
    try {
      const added = chapters.map((chapter) => ({
        id: randomUUID(),
        title: chapter.title.slice(0, 500),
        scenes: [{ id: randomUUID(), title: '', synopsis: '', words: chapter.words }],
      }));
      const project = await writing['projects.update']({
        id: before.id,
        revision: before.revision,
        // A new project's own empty chapter gives way.
        changes: { chapters: [...(isNew ? [] : before.chapters), ...added] },
      });
      for (const [index, { words, changes }] of chapters.entries()) {
        const sceneId = added[index]?.scenes[0]?.id;
        if (sceneId === undefined) continue;
        const place = { projectId: project.id, sceneId };
        await writing['scenes.append']({ ...place, revision: 0, changes, words });
      }
      return await writing['projects.get']({ id: project.id });
    } catch (error) {
      if (isNew) await writing['projects.trash']({ id: before.id }).catch(() => {});
      throw error;
    }
  }

  function assetAt(id: string): Asset {
    const asset = assets.get(id);
    if (!asset)
      throw new StudioError('not-found', 'This export is from an earlier start of the studio.');
    return asset;
  }

  return {
    handlers: {
      'documents.export': (input, { signal }) => runExport(input, signal),
      'documents.import': ({ fileName, bytes, into }) => importFile(fileName, bytes, into),
      'documents.reveal': async ({ url }) => {
        if (reveal === null)
          throw new StudioError('unsupported', 'A page in a browser cannot open the file manager.');
        await reveal(assetAt(url.slice(url.lastIndexOf('/') + 1)).path);
        return {};
      },
    },
    resolveAsset: async (id) => assetAt(id),
  };
}

/** A new thread for one file: what a damaged or a huge one does to it ends with it. */
function openThread(
  title: string,
): Pick<Thread<typeof documentThreadContract>, 'client'> & AsyncDisposable {
  const entry = new URL(
    import.meta.url.endsWith('.ts') ? './document-worker.ts' : './document-worker.js',
    import.meta.url,
  );
  const { client, end } = startThread(
    documentThreadContract,
    entry,
    title,
    {},
    'Nothing was changed. If it happens again, do it in parts.',
  );
  return {
    client,
    async [Symbol.asyncDispose]() {
      // What was cancelled still takes away what it wrote.
      await client.settled({}).catch(() => {});
      await end();
    },
  };
}
