/** The ProseMirror schema of a scene, with how its nodes and marks look in HTML. */
import { Schema, type MarkSpec, type Node, type NodeSpec } from 'prosemirror-model';
import {
  documentMarks,
  documentNodes,
  unpackDocument,
  type PackedDocument,
} from '../../../../contract/document-text.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { imageIdOfContent } from '../../../../contract/ids.ts';

const nodeDom = {
  doc: {},
  paragraph: { parseDOM: [{ tag: 'p' }], toDOM: () => ['p', 0] },
  heading: {
    parseDOM: [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level } })),
    // The window has the first levels of its own.
    toDOM: (node) => [
      `h${Math.min(6, Number(node.attrs['level']) + 1)}`,
      { 'data-level': String(node.attrs['level']) },
      0,
    ],
  },
  blockquote: { parseDOM: [{ tag: 'blockquote' }], toDOM: () => ['blockquote', 0] },
  bullet_list: { parseDOM: [{ tag: 'ul' }], toDOM: () => ['ul', 0] },
  ordered_list: {
    parseDOM: [
      {
        tag: 'ol',
        getAttrs: (element) => ({ order: Number(element.getAttribute('start') ?? 1) || 1 }),
      },
    ],
    toDOM: (node) =>
      node.attrs['order'] === 1 ? ['ol', 0] : ['ol', { start: String(node.attrs['order']) }, 0],
  },
  list_item: { parseDOM: [{ tag: 'li' }], toDOM: () => ['li', 0] },
  code_block: {
    parseDOM: [{ tag: 'pre', preserveWhitespace: 'full' }],
    toDOM: () => ['pre', ['code', 0]],
  },
  divider: { parseDOM: [{ tag: 'hr' }], toDOM: () => ['div', { class: 'divider' }, ['hr']] },
  picture: {
    parseDOM: [
      {
        tag: 'figure[data-content-hash]',
        getAttrs: (element) => ({
          contentHash: element.dataset['contentHash'],
          alt: element.querySelector('img')?.alt ?? '',
          caption: element.querySelector('figcaption')?.textContent ?? '',
        }),
      },
    ],
    toDOM: (node) => [
      'figure',
      { 'data-content-hash': String(node.attrs['contentHash']) },
      [
        'img',
        {
          src: `/asset/image/${imageIdOfContent(String(node.attrs['contentHash']))}`,
          alt: String(node.attrs['alt']),
        },
      ],
      ['figcaption', String(node.attrs['caption'])],
    ],
  },
  text: {},
  hard_break: { parseDOM: [{ tag: 'br' }], toDOM: () => ['br'] },
} satisfies Record<keyof typeof documentNodes, Pick<NodeSpec, 'parseDOM' | 'toDOM'>>;

const markDom = {
  origin: {
    parseDOM: [
      {
        tag: 'span[data-run]',
        getAttrs: (element) => ({
          run: element.dataset['run'],
          edited: element.dataset['edited'] !== undefined,
        }),
      },
    ],
    toDOM: (mark) => [
      'span',
      {
        'data-run': String(mark.attrs['run']),
        ...(mark.attrs['edited'] === true ? { 'data-edited': '' } : {}),
      },
      0,
    ],
  },
  link: {
    parseDOM: [
      {
        tag: 'a[href]',
        getAttrs: (element) => ({
          href: element.getAttribute('href'),
          title: element.getAttribute('title'),
        }),
      },
    ],
    // No address: nothing on the page may leave the window by a click.
    toDOM: (mark) => ['a', { 'data-href': String(mark.attrs['href']) }, 0],
  },
  strong: {
    parseDOM: [
      { tag: 'strong' },
      // Google Docs wraps everything that is copied in a <b> of normal weight.
      { tag: 'b', getAttrs: (element) => element.style.fontWeight !== 'normal' && null },
      { style: 'font-weight=bold' },
      { style: 'font-weight=700' },
    ],
    toDOM: () => ['strong', 0],
  },
  em: {
    parseDOM: [{ tag: 'em' }, { tag: 'i' }, { style: 'font-style=italic' }],
    toDOM: () => ['em', 0],
  },
  strike: {
    parseDOM: [{ tag: 's' }, { tag: 'del' }, { style: 'text-decoration=line-through' }],
    toDOM: () => ['s', 0],
  },
  code: { parseDOM: [{ tag: 'code' }], toDOM: () => ['code', 0] },
} satisfies Record<keyof typeof documentMarks, Pick<MarkSpec, 'parseDOM' | 'toDOM'>>;

function join<S extends object, D extends object>(
  specs: Readonly<Record<string, S>>,
  dom: Readonly<Record<string, D>>,
): Record<string, S & D> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, Object.assign({}, spec, dom[name])]),
  );
}

export const schema = new Schema({
  nodes: join<NodeSpec, NodeSpec>(documentNodes, nodeDom),
  marks: join<MarkSpec, MarkSpec>(documentMarks, markDom),
});

export function nodeType(name: keyof typeof documentNodes) {
  const type = schema.nodes[name];
  if (!type) throw new RangeError(`The schema has no node ${name}.`);
  return type;
}

export function markType(name: keyof typeof documentMarks) {
  const type = schema.marks[name];
  if (!type) throw new RangeError(`The schema has no mark ${name}.`);
  return type;
}

/** @throws {StudioError} `unsupported` for text that this version does not know how to show */
export function parseDocument(doc: PackedDocument): Node {
  try {
    return schema.nodeFromJSON(unpackDocument(doc));
  } catch (error) {
    throw new StudioError(
      'unsupported',
      'This scene holds something that this version of Atelier cannot show. It is kept as it is; open it with a newer version.',
      { reason: String(error) },
    );
  }
}

export const originOf = (node: Node): { run: string; edited: boolean } | null => {
  const mark = markType('origin').isInSet(node.marks);
  return mark ? { run: String(mark.attrs['run']), edited: mark.attrs['edited'] === true } : null;
};
