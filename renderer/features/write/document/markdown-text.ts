/** Markdown as a document, for what is pasted. */
import { createMarkdownReader } from '../../../../contract/prose/read-markdown.ts';
import { schema } from './schema.ts';

/** Marks of Markdown that hardly occur in plain prose. */
const markers =
  /^(?:#{1,6} \S|> \S|[-*+] \S|\d{1,3}[.)] \S|```|(?:\*\*\*|---)\s*$)|\*\*\S[^*\n]*\*\*|(?<![\w_])_\S[^_\n]*_(?!\w)|(?<![\w*])\*\S[^*\n]*\*(?![\w*])|`[^`\n]+`|\[[^\]\n]+\]\([^)\s]+\)/m;

export const looksLikeMarkdown = (text: string): boolean => markers.test(text);

export const parseMarkdown = createMarkdownReader(schema);
