/** `atelier document export`: a Markdown file, text, HTML or DOCX as a book in another format. No library is opened. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { documentFormats, formatOfEnding } from '../../contract/document-files.ts';
import { StudioError } from '../../contract/errors.ts';
import type { Book, BookPicture, OriginProfile } from '../studio/writing/export/book.ts';
import { exportBook, type DocumentFormat } from '../studio/writing/export/export-book.ts';
import type { PageSize } from '../studio/writing/export/pdf.ts';
import { readDocument } from '../studio/writing/import/read-document.ts';
import { createStatusLine } from './status-line.ts';

export interface DocumentExportOptions {
  readonly to?: string;
  readonly out: string;
  readonly title?: string;
  readonly author?: string;
  readonly language?: string;
  readonly origins: OriginProfile;
  readonly page: PageSize;
  readonly replace?: boolean;
}

/** @throws {StudioError} as `readDocument` and `exportBook`; `bad-request` for a format that is not known */
export async function exportDocument(
  file: string,
  options: DocumentExportOptions,
  signal: AbortSignal,
): Promise<void> {
  const format = formatFor(options);
  const { title, chapters } = await readDocument(file);
  const { mtimeMs } = await stat(file);
  const book: Book = {
    id: stableId(path.resolve(file)),
    title: options.title ?? title ?? path.basename(file, path.extname(file)),
    author: options.author ?? '',
    language: options.language ?? 'en',
    changedAt: Math.round(mtimeMs),
    chapters: chapters.map((chapter) => ({ title: chapter.title, scenes: [chapter.text] })),
    runs: new Map(),
  };
  using status = createStatusLine(process.stderr);
  const warnings: string[] = [];
  await exportBook(
    book,
    { format, path: options.out, replaces: options.replace === true, pageSize: options.page },
    {
      signal,
      origins: options.origins,
      picture: (hash) => pictureBeside(file, hash),
      onProgress: (done, total) => status.show(`chapter ${done} of ${total}`),
      warn: (message) => void warnings.push(message),
    },
  );
  status.clear();
  for (const warning of warnings) process.stderr.write(`atelier: ${warning}\n`);
  process.stdout.write(`${path.resolve(options.out)}\n`);
}

/** @throws {StudioError} `bad-request` */
export function formatFor({ to, out }: Pick<DocumentExportOptions, 'to' | 'out'>): DocumentFormat {
  const name = (to ?? path.extname(out).slice(1)).toLowerCase();
  const format = formatOfEnding[name] ?? documentFormats.find((known) => known === name);
  if (format !== undefined) return format;
  throw new StudioError(
    'bad-request',
    `"${name}" is no format that can be written. Choose one of ${documentFormats.join(', ')} with --to.`,
  );
}

/** Where a Markdown export puts its pictures. */
async function pictureBeside(file: string, hash: string): Promise<BookPicture | null> {
  try {
    const bytes = await readFile(path.join(path.dirname(file), 'pictures', `${hash}.png`));
    const { width, height } = await sharp(bytes).metadata();
    return { bytes, mimeType: 'image/png', width, height };
  } catch {
    return null;
  }
}

/** The same file is the same book to a reading program. */
function stableId(file: string): string {
  const hash = createHash('sha256').update(file).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `5${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}
