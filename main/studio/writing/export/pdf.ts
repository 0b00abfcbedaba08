/** Pages for print, set in Source Serif and Source Code Pro, with an outline of the chapters. */
import { setImmediate } from 'node:timers/promises';
// Its types know the default export alone.
// oxlint-disable-next-line import/no-named-as-default
import PDFDocument from 'pdfkit';
import type { pageSizes } from '../../../../contract/document-files.ts';
import { registerTypeface, type Face, type Pdf, type Typeface } from '../../pdf-typeface.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import {
  colophonOf,
  isBlank,
  originOf,
  withoutOrigins,
  type Book,
  type BookPicture,
  type ExportContext,
} from './book.ts';
import { gatherPictures } from './gather-pictures.ts';
import { safeLink } from './xhtml.ts';

export type PageSize = (typeof pageSizes)[number];

/** Laid out before others get their turn. */
const blocksInTurn = 32;

const bodySize = 10.5;
const lineGap = 3.5;
const codeScale = 0.9;
const codeSize = 9;
const headingSizes = [18, 14, 12, 11, 10.5, 10.5] as const;
/** Points. */
const listIndent = 18;

/** A stretch of one font. */
interface Piece {
  readonly text: string;
  readonly font: string;
  readonly size: number;
  readonly strike: boolean;
  readonly link: string | null;
  readonly isModel: boolean;
}

export async function writePdf(
  book: Book,
  context: ExportContext,
  pageSize: PageSize,
): Promise<Uint8Array> {
  const pictures = await gatherPictures(book, context);
  const margin = pageSize === 'a5' ? 54 : 84;
  const pdf = new PDFDocument({
    size: pageSize.toUpperCase(),
    margins: { top: margin, bottom: margin, left: margin, right: margin },
    bufferPages: true,
    lang: book.language,
    displayTitle: true,
    info: {
      Title: book.title,
      ...(book.author === '' ? {} : { Author: book.author }),
      // The same book makes the same file.
      CreationDate: new Date(book.changedAt),
    },
  });
  const chunks: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    pdf.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    pdf.once('end', resolve);
    pdf.once('error', reject);
  });
  const unknown = new Set<string>();
  const page = createPage(pdf, await registerTypeface(pdf), {
    pictures,
    unknown,
    marksOrigins: context.origins === 'spans',
  });

  page.title(book.title, book.author);
  for (const [index, { title, scenes }] of book.chapters.entries()) {
    page.chapter(title);
    const printed = scenes.filter((scene) => !isBlank(scene));
    for (const [number, scene] of printed.entries()) {
      if (number > 0) page.divider();
      const { content } = (context.origins === 'spans' ? scene : withoutOrigins(scene)).content;
      for (const [at, block] of content.entries()) {
        // Laying out a book takes a while; that it was cancelled is heard meanwhile.
        if (at % blocksInTurn === 0) await setImmediate();
        context.signal.throwIfAborted();
        page.block(block, content[at - 1] ?? null);
      }
    }
    context.onProgress(index + 1, book.chapters.length);
  }
  const colophon = context.origins === 'none' ? null : colophonOf(book);
  if (colophon !== null) page.colophon(colophon);
  page.numbers();
  pdf.end();
  await ended;
  if (unknown.size > 0) {
    const shown = [...unknown].slice(0, 12).join(' ');
    context.warn(
      `${unknown.size} characters are in no font of the PDF and show as a box: ${shown}. EPUB, DOCX and HTML hold them all.`,
    );
  }
  return Buffer.concat(chunks);
}

interface PageOptions {
  readonly pictures: ReadonlyMap<string, BookPicture>;
  /** Characters without a glyph are put here. */
  readonly unknown: Set<string>;
  readonly marksOrigins: boolean;
}

function createPage(
  pdf: Pdf,
  typeface: Typeface,
  { pictures, unknown, marksOrigins }: PageOptions,
) {
  const left = pdf.page.margins.left;
  const width = pdf.page.width - left - pdf.page.margins.right;
  const bottom = pdf.page.height - pdf.page.margins.bottom;

  /** Splits by what fonts can show; spaces and controls follow what stands before them. */
  function* piecesOf(
    text: string,
    face: Face,
    rest: Omit<Piece, 'text' | 'font'>,
  ): Generator<Piece> {
    let run = '';
    let font = `latin-${face}`;
    for (const character of text) {
      const codePoint = character.codePointAt(0) ?? 0;
      const found = /\s/u.test(character) ? font : typeface.fontFor(face, codePoint);
      if (found === null) unknown.add(character);
      const own = found ?? `latin-${face}`;
      if (own !== font && run !== '') {
        yield { ...rest, text: run, font };
        run = '';
      }
      font = own;
      run += character;
    }
    if (run !== '') yield { ...rest, text: run, font };
  }

  function inlineOf(
    parent: DocumentNode,
    size: number,
    base: Partial<Record<'bold' | 'italic', boolean>>,
  ): Piece[] {
    const pieces: Piece[] = [];
    const { strong, em, strike, link, code } = documentSchema.marks;
    parent.forEach((node) => {
      const bold = base.bold === true || strong.isInSet(node.marks) !== undefined;
      const italic = (base.italic === true) !== (em.isInSet(node.marks) !== undefined);
      const href = link.isInSet(node.marks)?.attrs['href'] as string | undefined;
      const isCode = code.isInSet(node.marks) !== undefined;
      const rest = {
        size: isCode ? size * codeScale : size,
        strike: strike.isInSet(node.marks) !== undefined,
        link: href === undefined ? null : safeLink(href),
        isModel: marksOrigins && originOf(node) !== null,
      };
      const face: Face = isCode
        ? 'mono'
        : `${bold ? '700' : '400'}-${italic ? 'italic' : 'normal'}`;
      pieces.push(...piecesOf(node.isText ? (node.text ?? '') : '\n', face, rest));
    });
    return pieces;
  }

  function lay(
    pieces: readonly Piece[],
    options: {
      readonly x?: number;
      readonly indent?: number;
      readonly align?: 'left' | 'center' | 'justify';
      readonly after?: number;
    },
  ): void {
    const { x = left, indent = 0, align = 'left', after = 0 } = options;
    const own = width - (x - left);
    const size = Math.max(...pieces.map((piece) => piece.size));
    if (pieces.length === 0) pdf.moveDown();
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      pdf
        .font(piece.font)
        .fontSize(piece.size)
        .fillColor(piece.isModel ? '#3b4a8c' : 'black');
      const settings = {
        width: own,
        align,
        lineGap,
        continued: !isLast,
        strike: piece.strike,
        underline: piece.link !== null,
        link: piece.link,
        ...(index === 0 ? { indent } : {}),
        // Whatever their fonts and sizes, the words of a line stand on one base line.
        baseline: (-typeface.ascender / 1000) * size,
      };
      if (index === 0) pdf.text(piece.text, x, pdf.y, settings);
      else pdf.text(piece.text, settings);
    }
    pdf.fillColor('black');
    pdf.y += after;
  }

  function blocks(parent: DocumentNode, x: number): void {
    let previous: DocumentNode | null = null;
    parent.forEach((node) => {
      block(node, x, previous);
      previous = node;
    });
  }

  function block(node: DocumentNode, x: number, previous: DocumentNode | null): void {
    const { nodes } = documentSchema;
    switch (node.type) {
      case nodes.heading: {
        const size = headingSizes[Math.min(5, Number(node.attrs['level']))] ?? bodySize;
        keepTogether(size * 3);
        pdf.y += size;
        lay(inlineOf(node, size, { bold: true }), { x, after: size / 2 });
        break;
      }
      case nodes.blockquote:
        pdf.y += bodySize / 2;
        blocks(node, x + listIndent);
        pdf.y += bodySize / 2;
        break;
      case nodes.bullet_list:
      case nodes.ordered_list:
        list(node, x);
        break;
      case nodes.code_block:
        pdf.y += bodySize / 2;
        for (const line of node.textContent.split('\n')) {
          // A font has no glyph for a tab, and a line break amid several fonts would be lost.
          const text = line.replaceAll('\t', '    ');
          lay([...piecesOf(text, 'mono', plain(codeSize))], { x });
        }
        pdf.y += bodySize / 2;
        break;
      case nodes.divider:
        divider();
        break;
      case nodes.picture:
        picture(node);
        break;
      default:
        lay(inlineOf(node, bodySize, {}), {
          x,
          align: 'left',
          indent: previous?.type === nodes.paragraph && x === left ? 16 : 0,
        });
    }
  }

  function list(node: DocumentNode, x: number): void {
    node.forEach((item, _offset, index) => {
      const mark =
        node.type === documentSchema.nodes.ordered_list
          ? `${Number(node.attrs['order']) + index}.`
          : '•';
      keepTogether(bodySize * 2);
      const top = pdf.y;
      pdf.font('latin-400-normal').fontSize(bodySize);
      pdf.text(mark, x, top, { width: listIndent, lineGap });
      pdf.y = top;
      blocks(item, x + listIndent);
    });
    pdf.y += bodySize / 2;
  }

  function divider(): void {
    keepTogether(bodySize * 4);
    pdf.y += bodySize;
    lay([...piecesOf('* * *', '400-normal', plain(bodySize))], {
      align: 'center',
      after: bodySize,
    });
  }

  function picture({ attrs }: DocumentNode): void {
    const own = pictures.get(String(attrs['contentHash']));
    const caption = String(attrs['caption']);
    if (own) {
      const room = pdf.page.height - pdf.page.margins.top - pdf.page.margins.bottom - 40;
      // 150 dpi: small pictures stay sharp.
      const scale = Math.min(72 / 150, width / own.width, room / own.height);
      const height = own.height * scale;
      pdf.y += bodySize;
      keepTogether(height + (caption === '' ? 0 : 20));
      const top = pdf.y;
      pdf.image(Buffer.from(own.bytes), left + (width - own.width * scale) / 2, top, {
        width: own.width * scale,
        height,
      });
      pdf.y = top + height + bodySize / 2;
    } else {
      lay([...piecesOf(`[${String(attrs['alt']) || 'picture'}]`, '400-italic', plain(bodySize))], {
        align: 'center',
      });
    }
    if (caption !== '')
      lay([...piecesOf(caption, '400-italic', plain(9))], { align: 'center', after: bodySize });
  }

  function keepTogether(height: number): void {
    if (pdf.y + height > bottom) pdf.addPage();
  }

  return {
    block: (node: DocumentNode, previous: DocumentNode | null) => block(node, left, previous),
    divider,
    title(title: string, author: string): void {
      pdf.y = pdf.page.height * 0.3;
      lay([...piecesOf(title, '700-normal', plain(26))], { align: 'center', after: 12 });
      if (author !== '') lay([...piecesOf(author, '400-normal', plain(13))], { align: 'center' });
    },
    chapter(title: string): void {
      pdf.addPage();
      if (title === '') return;
      pdf.outline.addItem(title);
      pdf.y += 48;
      lay([...piecesOf(title, '700-normal', plain(20))], { after: 24 });
    },
    colophon(text: string): void {
      pdf.addPage();
      lay([...piecesOf(text, '400-normal', plain(9))], {});
    },
    /** The first page, of the title, has none. */
    numbers(): void {
      const { start, count } = pdf.bufferedPageRange();
      for (let index = start + 1; index < start + count; index += 1) {
        pdf.switchToPage(index);
        // Below the text area pdfkit would begin another page.
        const margin = pdf.page.margins.bottom;
        pdf.page.margins.bottom = 0;
        pdf.font('latin-400-normal').fontSize(9);
        pdf.text(String(index + 1), left, pdf.page.height - margin / 2 - 9, {
          width,
          align: 'center',
          lineBreak: false,
        });
        pdf.page.margins.bottom = margin;
      }
    },
  };
}

function plain(size: number): Omit<Piece, 'text' | 'font'> {
  return { size, strike: false, link: null, isModel: false };
}
