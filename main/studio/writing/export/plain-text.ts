/** Words alone, as any program can read them. */
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { colophonOf, isBlank, type Book, type ExportContext } from './book.ts';

export function writePlainText(book: Book, { origins, signal }: ExportContext): Uint8Array {
  const parts: string[] = [book.title, ...(book.author === '' ? [] : [book.author])];
  for (const { title, scenes } of book.chapters) {
    signal.throwIfAborted();
    if (title !== '') parts.push(title);
    parts.push(
      scenes
        .filter((scene) => !isBlank(scene))
        .map(sceneToText)
        .join('\n\n* * *\n\n'),
    );
  }
  const colophon = origins === 'none' ? null : colophonOf(book);
  if (colophon !== null) parts.push(colophon);
  return new TextEncoder().encode(`${parts.filter((part) => part !== '').join('\n\n')}\n`);
}

/** Paragraphs with an empty line between. */
export function sceneToText(scene: DocumentNode): string {
  return blocksToText(scene).join('\n\n');
}

function blocksToText(parent: DocumentNode): string[] {
  const parts: string[] = [];
  parent.forEach((node) => {
    switch (node.type) {
      case documentSchema.nodes.divider:
        parts.push('* * *');
        break;
      case documentSchema.nodes.picture:
        parts.push(`[${String(node.attrs['caption'] || node.attrs['alt'] || 'picture')}]`);
        break;
      case documentSchema.nodes.bullet_list:
        node.forEach((item) => parts.push(`- ${blocksToText(item).join('\n  ')}`));
        break;
      case documentSchema.nodes.ordered_list:
        node.forEach((item, _itemOffset, number) =>
          parts.push(
            `${Number(node.attrs['order']) + number}. ${blocksToText(item).join('\n   ')}`,
          ),
        );
        break;
      case documentSchema.nodes.blockquote:
        parts.push(
          blocksToText(node)
            .map((line) => `> ${line.replaceAll('\n', '\n> ')}`)
            .join('\n>\n'),
        );
        break;
      default:
        parts.push(node.textBetween(0, node.content.size, '\n', '\n'));
    }
  });
  return parts;
}
