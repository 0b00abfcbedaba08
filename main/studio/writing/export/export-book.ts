/**
 * A book as a file of one format.
 *
 * Promises: the file appears whole or not at all; nothing that is there is replaced unless that was asked
 * for; cancelling leaves nothing behind.
 */
import path from 'node:path';
import type { documentFormats } from '../../../../contract/document-files.ts';
import { writeMarkdown } from '../../../../contract/prose/write-markdown.ts';
import { writeWhole } from '../../whole-file.ts';
import { colophonOf, isBlank, withoutOrigins, type Book, type ExportContext } from './book.ts';
import { gatherPictures } from './gather-pictures.ts';
import type { PageSize } from './pdf.ts';
import { writePlainText } from './plain-text.ts';

export type DocumentFormat = (typeof documentFormats)[number];

/** Pictures that a Markdown file names lie in this folder beside it. */
const pictureFolder = 'pictures';

export interface ExportTarget {
  readonly format: DocumentFormat;
  readonly path: string;
  readonly replaces: boolean;
  readonly pageSize: PageSize;
}

/** @throws {StudioError} `conflict` if the file is there, `cancelled`, `disk-full`, `bad-request` for a folder that cannot be written */
export async function exportBook(
  book: Book,
  { format, path: file, replaces, pageSize }: ExportTarget,
  context: ExportContext,
): Promise<{ readonly sizeBytes: number }> {
  const bytes = await bytesOf(book, format, pageSize, context);
  context.signal.throwIfAborted();
  if (format === 'markdown') await writePictures(book, path.dirname(file), context);
  await writeWhole(file, bytes, replaces);
  return { sizeBytes: bytes.length };
}

async function bytesOf(
  book: Book,
  format: DocumentFormat,
  pageSize: PageSize,
  context: ExportContext,
): Promise<Uint8Array> {
  // Writers bring large libraries with them: each is loaded when it is asked for.
  switch (format) {
    case 'markdown':
      return new TextEncoder().encode(bookToMarkdown(book, context));
    case 'text':
      return writePlainText(book, context);
    case 'html':
      return await (await import('./html.ts')).writeHtml(book, context);
    case 'docx':
      return await (await import('./docx.ts')).writeDocx(book, context);
    case 'epub':
      return await (await import('./epub.ts')).writeEpub(book, context);
    case 'pdf':
      return await (await import('./pdf.ts')).writePdf(book, context, pageSize);
    default:
      return format satisfies never;
  }
}

/** Title, chapters as headings of the second level, scenes between dividers. */
function bookToMarkdown(book: Book, { origins, onProgress }: ExportContext): string {
  const parts = [`# ${book.title}`, ...(book.author === '' ? [] : [`*${book.author}*`])];
  for (const [index, { title, scenes }] of book.chapters.entries()) {
    if (title !== '') parts.push(`## ${title}`);
    parts.push(
      scenes
        .filter((scene) => !isBlank(scene))
        .map((scene) =>
          writeMarkdown(origins === 'spans' ? scene : withoutOrigins(scene), {
            headingShift: 2,
            picturePath: (hash) => `${pictureFolder}/${hash}.png`,
          }).trim(),
        )
        .join('\n\n***\n\n'),
    );
    onProgress(index + 1, book.chapters.length);
  }
  const colophon = origins === 'none' ? null : colophonOf(book);
  if (colophon !== null) parts.push('***', colophon);
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

async function writePictures(book: Book, folder: string, context: ExportContext): Promise<void> {
  const pictures = await gatherPictures(book, context);
  for (const [hash, { bytes }] of pictures)
    // Named by its content: what is there already is the same.
    await writeWhole(path.join(folder, pictureFolder, `${hash}.png`), bytes, true);
}
