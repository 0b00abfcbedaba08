/** Scenes as XHTML, which HTML files and EPUB share. */
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { originOf, withoutOrigins } from './book.ts';

export interface XhtmlOptions {
  /** Address of a picture; null leaves its description in its place. */
  readonly pictureUrl: (contentHash: string) => string | null;
  readonly marksOrigins: boolean;
  /** Level of the highest heading within a scene. */
  readonly headingLevel: number;
}

export function escapeXml(text: string): string {
  return (
    text
      // XML 1.0 has no way to write these at all.
      .replaceAll(
        /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
        '\ufffd',
      )
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

/** @returns block elements */
export function sceneToXhtml(scene: DocumentNode, options: XhtmlOptions): string {
  return blocks(options.marksOrigins ? scene : withoutOrigins(scene), options);
}

function blocks(parent: DocumentNode, options: XhtmlOptions): string {
  const parts: string[] = [];
  parent.forEach((node) => parts.push(block(node, options)));
  return parts.join('\n');
}

function block(node: DocumentNode, options: XhtmlOptions): string {
  switch (node.type) {
    case documentSchema.nodes.paragraph:
      return `<p>${inline(node, options)}</p>`;
    case documentSchema.nodes.heading: {
      const level = Math.min(6, Number(node.attrs['level']) - 1 + options.headingLevel);
      return `<h${level}>${inline(node, options)}</h${level}>`;
    }
    case documentSchema.nodes.blockquote:
      return `<blockquote>\n${blocks(node, options)}\n</blockquote>`;
    case documentSchema.nodes.bullet_list:
      return `<ul>\n${blocks(node, options)}\n</ul>`;
    case documentSchema.nodes.ordered_list: {
      const order = Number(node.attrs['order']);
      return `<ol${order === 1 ? '' : ` start="${order}"`}>\n${blocks(node, options)}\n</ol>`;
    }
    case documentSchema.nodes.list_item:
      return `<li>${blocks(node, options)}</li>`;
    case documentSchema.nodes.code_block:
      return `<pre><code>${inline(node, options)}</code></pre>`;
    case documentSchema.nodes.divider:
      return '<hr />';
    case documentSchema.nodes.picture:
      return picture(node, options);
    default:
      return `<p>${inline(node, options)}</p>`;
  }
}

function picture({ attrs }: DocumentNode, { pictureUrl }: XhtmlOptions): string {
  const alt = escapeXml(String(attrs['alt']));
  const caption = escapeXml(String(attrs['caption']));
  const url = pictureUrl(String(attrs['contentHash']));
  const shown =
    url === null ? `<p>[${alt || 'picture'}]</p>` : `<img src="${escapeXml(url)}" alt="${alt}" />`;
  return `<figure>${shown}${caption === '' ? '' : `<figcaption>${caption}</figcaption>`}</figure>`;
}

function inline(parent: DocumentNode, options: XhtmlOptions): string {
  const parts: string[] = [];
  parent.forEach((node) => {
    let text = node.isText ? escapeXml(node.text ?? '') : '<br />';
    for (const mark of node.marks.toReversed()) {
      switch (mark.type) {
        case documentSchema.marks.strong:
          text = `<strong>${text}</strong>`;
          break;
        case documentSchema.marks.em:
          text = `<em>${text}</em>`;
          break;
        case documentSchema.marks.strike:
          text = `<del>${text}</del>`;
          break;
        case documentSchema.marks.code:
          text = `<code>${text}</code>`;
          break;
        case documentSchema.marks.link:
          text = `<a href="${escapeXml(safeLink(String(mark.attrs['href'])))}">${text}</a>`;
          break;
        default:
          break;
      }
    }
    const origin = options.marksOrigins ? originOf(node) : null;
    parts.push(
      origin
        ? `<span class="by-model${origin.edited ? ' edited' : ''}" data-run="${escapeXml(origin.run)}">${text}</span>`
        : text,
    );
  });
  return parts.join('');
}

/** A link that would run something leads nowhere. */
export function safeLink(href: string): string {
  return /^(?:https?:|mailto:|#|\/|\.)/i.test(href) || !/^[a-z][a-z0-9+.-]*:/i.test(href)
    ? href
    : '#';
}
