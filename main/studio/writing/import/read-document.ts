/**
 * Files of other programs as text: Markdown, plain text, HTML, DOCX.
 *
 * Promises: nothing in a file is run or fetched; what has no place in a scene (tables, notes) keeps its
 * words; every file gives a text or a clear error.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseHTML } from 'linkedom';
import { DOMParser, type ParseRule } from 'prosemirror-model';
import { documentLimits, formatOfEnding } from '../../../../contract/document-files.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { createMarkdownReader } from '../../../../contract/prose/read-markdown.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { splitChapters, type SplitText } from './split-chapters.ts';

const readMarkdown = createMarkdownReader(documentSchema);

/** @throws {StudioError} as `parseDocument`; `not-found`, `too-large`; each names the file */
export async function readDocument(file: string): Promise<SplitText> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new StudioError('not-found', `There is no file "${file}".`, { file });
  if (found.size > documentLimits.bytes) {
    throw new StudioError(
      'too-large',
      `"${path.basename(file)}" is larger than ${documentLimits.bytes / 2 ** 20} MB. Split it first.`,
      { file },
    );
  }
  return await parseDocument(await readFile(file), file);
}

/**
 * @param file its name, whose ending says what it is
 * @throws {StudioError} `unsupported`, `bad-request` for a damaged file; each names the file
 */
export async function parseDocument(bytes: Uint8Array, file: string): Promise<SplitText> {
  const ending = path.extname(file).slice(1).toLowerCase();
  const format = formatOfEnding[ending];
  if (format === undefined || format === 'pdf' || format === 'epub') {
    throw new StudioError(
      'unsupported',
      `"${path.basename(file)}" cannot be read as a text. Markdown, plain text, HTML and DOCX can.`,
      { file },
    );
  }
  return splitChapters(await parse(bytes, format, file));
}

async function parse(
  bytes: Uint8Array,
  format: 'markdown' | 'text' | 'html' | 'docx',
  file: string,
): Promise<DocumentNode> {
  switch (format) {
    case 'markdown':
      return readMarkdown(decode(bytes));
    case 'text':
      return fromPlainText(decode(bytes));
    case 'html':
      return fromHtml(decode(bytes));
    case 'docx':
      try {
        // Large, and seldom wanted.
        const { default: mammoth } = await import('mammoth');
        const { value } = await mammoth.convertToHtml(
          { buffer: Buffer.from(bytes) },
          { externalFileAccess: false, convertImage: mammoth.images.imgElement(noPicture) },
        );
        return fromHtml(value);
      } catch (cause) {
        throw new StudioError(
          'bad-request',
          `"${path.basename(file)}" is damaged or no DOCX file. Save it again with the program that made it.`,
          { file },
          { cause },
        );
      }
    default:
      return format satisfies never;
  }
}

/** Pictures within documents stay there: a scene shows those of the library. */
function noPicture(): Promise<{ src: string }> {
  return Promise.resolve({ src: '' });
}

/** UTF-8 or UTF-16 by their marks; bytes that are no UTF-8 are read as Windows-1252, as old files are. */
function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Empty lines part paragraphs; without any, every line is one. */
export function fromPlainText(text: string): DocumentNode {
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').trim();
  const hasGaps = /\n[ \t]*\n/.test(lines);
  const parts = lines.split(hasGaps ? /\n(?:[ \t]*\n)+/ : '\n');
  const blocks = parts.map((part) => {
    const words = (hasGaps ? part.replaceAll(/[ \t]*\n[ \t]*/g, ' ') : part).trim();
    if (/^(?:\*[ \t]*){3,}$|^(?:-[ \t]*){3,}$|^#$/.test(words))
      return documentSchema.node('divider');
    return documentSchema.node('paragraph', null, words === '' ? [] : [documentSchema.text(words)]);
  });
  return documentSchema.node('doc', null, blocks);
}

const rules: readonly ParseRule[] = [
  { tag: 'p', node: 'paragraph' },
  ...([1, 2, 3, 4, 5, 6] as const).map((level) => ({
    tag: `h${level}`,
    node: 'heading',
    attrs: { level },
  })),
  { tag: 'blockquote', node: 'blockquote' },
  { tag: 'ul', node: 'bullet_list' },
  { tag: 'ol', node: 'ordered_list' },
  { tag: 'li', node: 'list_item' },
  { tag: 'pre', node: 'code_block', preserveWhitespace: 'full' },
  { tag: 'hr', node: 'divider' },
  { tag: 'br', node: 'hard_break' },
  { tag: 'strong, b', mark: 'strong' },
  { tag: 'em, i', mark: 'em' },
  { tag: 'del, s, strike', mark: 'strike' },
  { tag: 'code', mark: 'code' },
  {
    tag: 'a[href]',
    mark: 'link',
    getAttrs: (element) => ({ href: element.getAttribute('href') ?? '' }),
  },
  { tag: 'script, style, head, noscript, template, iframe, object, svg, math', ignore: true },
];

const htmlParser = new DOMParser(documentSchema, rules);

export function fromHtml(html: string): DocumentNode {
  const { document } = parseHTML(`<!doctype html><html><body>${bodyOf(html)}</body></html>`);
  const parsed = htmlParser.parse(document.body);
  return parsed.childCount > 0
    ? parsed
    : documentSchema.node('doc', null, [documentSchema.node('paragraph')]);
}

function bodyOf(html: string): string {
  return /<body[^>]*>(?<body>[\s\S]*?)(?:<\/body>|$)/i.exec(html)?.groups?.['body'] ?? html;
}
