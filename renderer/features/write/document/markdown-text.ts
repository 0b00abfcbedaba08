/** Markdown as a document, for what is pasted. */
import MarkdownIt from 'markdown-it';
import { MarkdownParser } from 'prosemirror-markdown';
import type { Node } from 'prosemirror-model';
import { schema } from './schema.ts';

/** Marks of Markdown that hardly occur in plain prose. */
const markers =
  /^(?:#{1,6} \S|> \S|[-*+] \S|\d{1,3}[.)] \S|```|(?:\*\*\*|---)\s*$)|\*\*\S[^*\n]*\*\*|(?<![\w_])_\S[^_\n]*_(?!\w)|(?<![\w*])\*\S[^*\n]*\*(?![\w*])|`[^`\n]+`|\[[^\]\n]+\]\([^)\s]+\)/m;

export const looksLikeMarkdown = (text: string): boolean => markers.test(text);

const parser = new MarkdownParser(
  schema,
  new MarkdownIt('commonmark', { html: false }).enable('strikethrough').disable('image'),
  {
    blockquote: { block: 'blockquote' },
    paragraph: { block: 'paragraph' },
    list_item: { block: 'list_item' },
    bullet_list: { block: 'bullet_list' },
    ordered_list: {
      block: 'ordered_list',
      getAttrs: (token) => ({ order: Number(token.attrGet('start') ?? 1) || 1 }),
    },
    heading: { block: 'heading', getAttrs: (token) => ({ level: Number(token.tag.slice(1)) }) },
    code_block: { block: 'code_block', noCloseToken: true },
    fence: { block: 'code_block', noCloseToken: true },
    hr: { node: 'divider' },
    hardbreak: { node: 'hard_break' },
    em: { mark: 'em' },
    strong: { mark: 'strong' },
    s: { mark: 'strike' },
    link: {
      mark: 'link',
      getAttrs: (token) => ({ href: token.attrGet('href'), title: token.attrGet('title') }),
    },
    code_inline: { mark: 'code', noCloseToken: true },
  },
);

/** @param text line breaks of any system */
export const parseMarkdown = (text: string): Node => parser.parse(text.replace(/\r\n?/g, '\n'));
