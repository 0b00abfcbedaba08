/** Office Open XML text, with the styles that word processors know: headings make the outline. */
import {
  Document,
  ExternalHyperlink,
  HeadingLevel,
  ImageRun,
  LevelFormat,
  Packer,
  Paragraph,
  TextRun,
  UnderlineType,
  type IParagraphOptions,
  type ParagraphChild,
} from 'docx';
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

const headings = [
  HeadingLevel.HEADING_1,
  HeadingLevel.HEADING_2,
  HeadingLevel.HEADING_3,
  HeadingLevel.HEADING_4,
  HeadingLevel.HEADING_5,
  HeadingLevel.HEADING_6,
] as const;

/** Largest picture on a page of A4 or Letter, pixels at 96 dpi. */
const pictureArea = { width: 560, height: 800 };

export async function writeDocx(book: Book, context: ExportContext): Promise<Uint8Array> {
  const pictures = await gatherPictures(book, context);
  const lists: List[] = [];
  const writer = createWriter(pictures, context.origins === 'spans', lists);
  const children: Paragraph[] = [
    new Paragraph({ text: book.title, heading: HeadingLevel.TITLE }),
    ...(book.author === '' ? [] : [new Paragraph({ text: book.author, style: 'Subtitle' })]),
  ];
  for (const [index, { title, scenes }] of book.chapters.entries()) {
    context.signal.throwIfAborted();
    if (title !== '')
      children.push(
        new Paragraph({
          text: title,
          heading: HeadingLevel.HEADING_1,
          pageBreakBefore: index > 0,
        }),
      );
    const printed = scenes.filter((scene) => !isBlank(scene));
    for (const [number, scene] of printed.entries()) {
      if (number > 0) children.push(divider());
      children.push(...writer(scene));
    }
    context.onProgress(index + 1, book.chapters.length);
  }
  const colophon = context.origins === 'none' ? null : colophonOf(book);
  if (colophon !== null)
    children.push(new Paragraph({ text: colophon, style: 'Colophon', pageBreakBefore: true }));
  const file = new Document({
    title: book.title,
    ...(book.author === '' ? {} : { creator: book.author, lastModifiedBy: book.author }),
    ...(colophon === null ? {} : { description: colophon }),
    features: { updateFields: false },
    styles: {
      default: {
        document: { run: { font: 'Georgia', size: 23, language: { value: book.language } } },
        title: { run: { size: 48 }, paragraph: { alignment: 'center', spacing: { before: 2400 } } },
        heading1: {
          run: { size: 34, bold: true },
          paragraph: { spacing: { before: 480, after: 240 } },
        },
        heading2: {
          run: { size: 28, bold: true },
          paragraph: { spacing: { before: 360, after: 180 } },
        },
        heading3: {
          run: { size: 24, bold: true },
          paragraph: { spacing: { before: 240, after: 120 } },
        },
      },
      paragraphStyles: [
        { id: 'Subtitle', name: 'Subtitle', basedOn: 'Normal', paragraph: { alignment: 'center' } },
        {
          id: 'Prose',
          name: 'Prose',
          basedOn: 'Normal',
          paragraph: { spacing: { line: 320 }, indent: { firstLine: 360 } },
        },
        {
          id: 'Quote',
          name: 'Quote',
          basedOn: 'Normal',
          paragraph: { indent: { left: 567, right: 567 } },
        },
        { id: 'Code', name: 'Code', basedOn: 'Normal', run: { font: 'Courier New', size: 20 } },
        {
          id: 'Caption',
          name: 'caption',
          basedOn: 'Normal',
          run: { italics: true, size: 20 },
          paragraph: { alignment: 'center' },
        },
        { id: 'Colophon', name: 'Colophon', basedOn: 'Normal', run: { size: 20 } },
      ],
    },
    numbering: {
      config: lists.map(({ reference, start }) => ({
        reference,
        levels: Array.from({ length: 9 }, (_, level) => ({
          level,
          format: start === null ? LevelFormat.BULLET : LevelFormat.DECIMAL,
          text: start === null ? '•' : `%${level + 1}.`,
          start: level === 0 ? (start ?? 1) : 1,
          style: { paragraph: { indent: { left: 567 * (level + 1), hanging: 283 } } },
        })),
      })),
    },
    sections: [{ children }],
  });
  context.signal.throwIfAborted();
  return new Uint8Array(await Packer.toArrayBuffer(file));
}

interface List {
  readonly reference: string;
  /** Null for bullets. */
  readonly start: number | null;
}

/** Where a block stands. */
interface Setting {
  readonly options: IParagraphOptions;
  readonly list: { readonly reference: string; readonly level: number } | null;
}

function divider(): Paragraph {
  return new Paragraph({
    text: '* * *',
    alignment: 'center',
    spacing: { before: 240, after: 240 },
  });
}

function createWriter(
  pictures: ReadonlyMap<string, BookPicture>,
  marksOrigins: boolean,
  lists: List[],
): (scene: DocumentNode) => Paragraph[] {
  function blocks(parent: DocumentNode, setting: Setting): Paragraph[] {
    const paragraphs: Paragraph[] = [];
    parent.forEach((node) => paragraphs.push(...block(node, setting)));
    return paragraphs;
  }

  function block(node: DocumentNode, setting: Setting): Paragraph[] {
    switch (node.type) {
      case documentSchema.nodes.heading: {
        // Below the chapters' own.
        const heading =
          headings[Math.min(5, Number(node.attrs['level']))] ?? HeadingLevel.HEADING_6;
        return [new Paragraph({ heading, children: inline(node) })];
      }
      case documentSchema.nodes.blockquote:
        return blocks(node, { ...setting, options: { style: 'Quote' } });
      case documentSchema.nodes.bullet_list:
        return listItems(node, null, setting);
      case documentSchema.nodes.ordered_list:
        return listItems(node, Number(node.attrs['order']), setting);
      case documentSchema.nodes.code_block:
        return node.textContent
          .split('\n')
          .map((line) => new Paragraph({ style: 'Code', children: [new TextRun(line)] }));
      case documentSchema.nodes.divider:
        return [divider()];
      case documentSchema.nodes.picture:
        return picture(node);
      default:
        return [
          new Paragraph({
            style: 'Prose',
            ...setting.options,
            ...(setting.list ? { numbering: { ...setting.list }, style: 'Normal' } : {}),
            children: inline(node),
          }),
        ];
    }
  }

  function listItems(node: DocumentNode, start: number | null, { list }: Setting): Paragraph[] {
    const level = list ? list.level + 1 : 0;
    const reference = `list-${lists.length + 1}`;
    lists.push({ reference, start });
    const paragraphs: Paragraph[] = [];
    node.forEach((item) => {
      item.forEach((child, _offset, index) => {
        const isFirst = index === 0;
        const indented = { indent: { left: 567 * (level + 1) }, style: 'Normal' };
        paragraphs.push(
          ...block(child, {
            options: isFirst ? {} : indented,
            // What follows in the item has no number of its own.
            list: isFirst || isList(child) ? { reference, level } : null,
          }),
        );
      });
    });
    return paragraphs;
  }

  function picture({ attrs }: DocumentNode): Paragraph[] {
    const own = pictures.get(String(attrs['contentHash']));
    const alt = String(attrs['alt']);
    const caption = String(attrs['caption']);
    const shown = own ? imageRun(own, alt) : new TextRun(`[${alt || 'picture'}]`);
    return [
      new Paragraph({ alignment: 'center', spacing: { before: 240 }, children: [shown] }),
      ...(caption === '' ? [] : [new Paragraph({ text: caption, style: 'Caption' })]),
    ];
  }

  function inline(parent: DocumentNode): ParagraphChild[] {
    const children: ParagraphChild[] = [];
    parent.forEach((node) => {
      if (!node.isText) {
        children.push(new TextRun({ break: 1 }));
        return;
      }
      const { strong, em, strike, code, link } = documentSchema.marks;
      const href = link.isInSet(node.marks)?.attrs['href'] as string | undefined;
      const text = new TextRun({
        text: node.text ?? '',
        bold: strong.isInSet(node.marks) !== undefined,
        italics: em.isInSet(node.marks) !== undefined,
        strike: strike.isInSet(node.marks) !== undefined,
        ...(code.isInSet(node.marks) ? { font: 'Courier New' } : {}),
        ...(href === undefined ? {} : { style: 'Hyperlink' }),
        ...(marksOrigins && originOf(node) ? { underline: { type: UnderlineType.DOTTED } } : {}),
      });
      children.push(
        href === undefined
          ? text
          : new ExternalHyperlink({ link: safeLink(href), children: [text] }),
      );
    });
    return children;
  }

  return (scene) =>
    blocks(marksOrigins ? scene : withoutOrigins(scene), { options: {}, list: null });
}

function isList({ type }: DocumentNode): boolean {
  return type === documentSchema.nodes.bullet_list || type === documentSchema.nodes.ordered_list;
}

function imageRun({ bytes, mimeType, width, height }: BookPicture, alt: string): ImageRun {
  const scale = Math.min(1, pictureArea.width / width, pictureArea.height / height);
  return new ImageRun({
    type: mimeType === 'image/png' ? 'png' : 'jpg',
    data: bytes,
    transformation: { width: Math.round(width * scale), height: Math.round(height * scale) },
    altText: { name: alt || 'picture', title: alt, description: alt },
  });
}
