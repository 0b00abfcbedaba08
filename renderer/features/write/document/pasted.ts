/**
 * What comes from the clipboard: Markdown and HTML as what they mean, and no more than the window can take.
 *
 * Promises: what is too long is refused before any of it is read, and changes nothing.
 */
import { DOMParser, Fragment, Slice, type Node, type ParseOptions } from 'prosemirror-model';
import { Plugin } from 'prosemirror-state';
import { looksLikeMarkdown, parseMarkdown } from './markdown-text.ts';
import { nodeType, schema } from './schema.ts';

/** About 3,000 pages; more stands still for too long, and the studio would refuse it. */
const mostPastedCharacters = 8_000_000;

/** @param refuse is told why, in words for people */
export function pasted(refuse: (reason: string) => void): Plugin {
  return new Plugin({
    props: {
      handleDOMEvents: {
        // The view would read it all before it asked anybody.
        paste(_view, event) {
          const size = Math.max(
            event.clipboardData?.getData('text/plain').length ?? 0,
            event.clipboardData?.getData('text/html').length ?? 0,
          );
          if (size <= mostPastedCharacters) return false;
          event.preventDefault();
          refuse(
            `${Math.round(size / 1e6)} million characters are too much to paste at once. Nothing was changed; paste them in parts.`,
          );
          return true;
        },
      },
      clipboardTextParser: (text, _context, isPlain) =>
        !isPlain && looksLikeMarkdown(text)
          ? joining(parseMarkdown(text).content)
          : joining(paragraphs(text)),
      transformPastedHTML: setStylesAside,
      clipboardParser: new PastedParser(schema, DOMParser.fromSchema(schema).rules),
    },
  });
}

/**
 * The window's rules allow no styles that stand in HTML, also where they are only read: they would be missing,
 * and Google Docs, which wraps everything in a `<b>` of normal weight, would come in bold.
 */
export function setStylesAside(html: string): string {
  return html.replaceAll(/<[a-z][^>]*>/gi, (tag) =>
    tag.replaceAll(/(\s)style(\s*=)/gi, '$1data-style$2'),
  );
}

class PastedParser extends DOMParser {
  override parseSlice(dom: globalThis.Node, options?: ParseOptions): Slice {
    if (dom instanceof Element) {
      for (const element of dom.querySelectorAll<HTMLElement>('[data-style]'))
        element.style.cssText = element.dataset['style'] ?? '';
    }
    return super.parseSlice(dom, options);
  }
}

function paragraphs(text: string): Fragment {
  return Fragment.from(
    text
      .split(/(?:\r\n?|\n)+/)
      .map((line) => nodeType('paragraph').create(null, line === '' ? null : schema.text(line))),
  );
}

/** Paragraphs at its ends join those they are put between; other blocks stay themselves. */
function joining(content: Fragment): Slice {
  const isParagraph = (node: Node | null) => node?.type === nodeType('paragraph');
  return new Slice(
    content,
    isParagraph(content.firstChild) ? 1 : 0,
    isParagraph(content.lastChild) ? 1 : 0,
  );
}
