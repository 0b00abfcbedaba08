/**
 * Projects as files of other programs, and such files as projects.
 *
 * Promises: an export never takes the name of a file that is there; an import that fails leaves no project behind.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'prosemirror-transform';
import sharp from 'sharp';
import type {
  DocumentExportEvent,
  documentFilesContract,
} from '../../../../contract/document-files.ts';
import { unpackDocument } from '../../../../contract/document-text.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Project, projectsContract } from '../../../../contract/projects.ts';
import type { Client, Handlers } from '../../../../contract/rpc.ts';
import type { scenesContract } from '../../../../contract/scenes.ts';
import { assetAddress } from '../../library/asset-address.ts';
import type { Asset } from '../../library/library.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import type { BookPicture } from '../export/book.ts';
import { exportBook, type DocumentFormat } from '../export/export-book.ts';
import { parseDocument } from '../import/read-document.ts';
import { countDocumentWords, summaryOf } from '../plain-text.ts';
import { changeNodeOf } from '../scene/change-node.ts';
import { fileNameOf, underFreeName } from './free-name.ts';
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

  async function picture(contentHash: string): Promise<BookPicture | null> {
    const file = await picturePath(contentHash);
    if (file === null) return null;
    const bytes = await readFile(file).catch(() => null);
    if (bytes === null) return null;
    const { width, height, format } = await sharp(bytes).metadata();
    if (format === 'png' || format === 'jpeg')
      return { bytes, mimeType: format === 'png' ? 'image/png' : 'image/jpeg', width, height };
    return { bytes: await sharp(bytes).png().toBuffer(), mimeType: 'image/png', width, height };
  }

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
    const warnings: string[] = [];
    const reported = createReports();
    const exports = path.join(libraryFolder, 'exports');
    const wanted = `${fileNameOf(book.title)}.${endings[format]}`;
    const exporting = underFreeName(exports, wanted, (file) =>
      exportBook(
        book,
        { format, path: file, replaces: false, pageSize },
        {
          signal,
          origins,
          picture,
          onProgress: (done, total) => reported.add({ kind: 'progress', done, total }),
          warn: (message) => void warnings.push(message),
        },
      ),
    ).finally(() => reported.end());
    for await (const event of reported) yield event;
    const { fileName, path: file, written } = await exporting;
    const id = randomUUID();
    assets.set(id, { path: file, contentType: contentTypes[format], etag: id });
    yield {
      kind: 'done',
      fileName,
      path: file,
      url: assetAddress('export', id),
      sizeBytes: written.sizeBytes,
      warnings,
    };
  }

  async function importFile(
    fileName: string,
    bytes: Uint8Array,
    into: string | null,
  ): Promise<Project> {
    const { title, chapters } = await parseDocument(bytes, fileName);
    const own = path.basename(fileName, path.extname(fileName));
    const isNew = into === null;
    const before = isNew
      ? await writing['projects.create']({ title: title ?? own })
      : await writing['projects.get']({ id: into });
    try {
      const added = chapters.map((chapter) => ({
        id: randomUUID(),
        title: chapter.title.slice(0, 500),
        scenes: [
          { id: randomUUID(), title: '', synopsis: '', words: countDocumentWords(chapter.text) },
        ],
      }));
      const project = await writing['projects.update']({
        id: before.id,
        revision: before.revision,
        // A new project's own empty chapter gives way.
        changes: { chapters: [...(isNew ? [] : before.chapters), ...added] },
      });
      for (const [index, { text }] of chapters.entries()) {
        const sceneId = added[index]?.scenes[0]?.id;
        if (sceneId !== undefined) await fill(project.id, sceneId, text);
      }
      return await writing['projects.get']({ id: project.id });
    } catch (error) {
      if (isNew) await writing['projects.trash']({ id: before.id }).catch(() => {});
      throw error;
    }
  }

  async function fill(projectId: string, sceneId: string, text: DocumentNode): Promise<void> {
    const { revision, doc, head, nodes } = await writing['scenes.open']({ projectId, sceneId });
    const before = documentSchema.nodeFromJSON(unpackDocument(doc));
    const { steps } = new Transform(before).replaceWith(0, before.content.size, text.content);
    if (steps.length === 0) return;
    const { change } = changeNodeOf({ doc: before, head, nodes }, steps, {
      at: now(),
      kind: 'import',
      run: null,
      summary: summaryOf(text.textContent.slice(0, 400)),
    });
    const words = countDocumentWords(text);
    await writing['scenes.append']({ projectId, sceneId, revision, changes: [change], words });
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

/** Progress of work that runs beside the reader. */
function createReports() {
  let waiting: DocumentExportEvent[] = [];
  let wake: () => void = () => {};
  let ended = false;
  return {
    add(event: DocumentExportEvent): void {
      waiting.push(event);
      wake();
    },
    end(): void {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<DocumentExportEvent> {
      for (;;) {
        const events = waiting;
        waiting = [];
        yield* events;
        if (waiting.length > 0) continue;
        if (ended) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
