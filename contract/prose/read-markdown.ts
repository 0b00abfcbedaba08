/**
 * Markdown (CommonMark with `~~struck~~`) as a scene, for whoever has its schema.
 *
 * Promises: any text parses, and fits the schema. HTML is text, except `<span data-run="…">`, which says where
 * words came from; a picture of the library alone in its paragraph is a block, any other a link to it.
 */
import MarkdownIt, { type StateCore, type Token } from 'markdown-it';
import { MarkdownParser } from 'prosemirror-markdown';
import type { Node, Schema } from 'prosemirror-model';

const pictureFile = /(?:^|\/)(?<hash>[0-9a-f]{64})\.(?:png|jpe?g|webp)$/;
const spanOpen = /^<span data-run="(?<run>[0-9a-f-]{1,64})"(?<edited> data-edited)?>/;

function createTokenizer() {
  const markdown = new MarkdownIt('commonmark', { html: false }).enable('strikethrough');
  markdown.inline.ruler.before('autolink', 'origin', (state, silent) => {
    const rest = state.src.slice(state.pos, state.pos + 120);
    const opened = spanOpen.exec(rest);
    const whole = opened?.[0] ?? (rest.startsWith('</span>') ? '</span>' : null);
    if (whole === null) return false;
    if (!silent) {
      const token = state.push(opened ? 'origin_open' : 'origin_close', 'span', opened ? 1 : -1);
      token.attrSet('run', opened?.groups?.['run'] ?? '');
      token.attrSet('edited', opened?.groups?.['edited'] ?? '');
    }
    state.pos += whole.length;
    return true;
  });
  markdown.core.ruler.push('pictures', liftPictures);
  return markdown;
}

function liftPictures(state: StateCore): void {
  const tokens: Token[] = [];
  for (let i = 0; i < state.tokens.length; i += 1) {
    const token = state.tokens[i];
    if (!token) continue;
    const [only, ...others] = token.children ?? [];
    const hash = others.length === 0 && only?.type === 'image' ? hashOf(only) : null;
    if (only && hash !== null && tokens.at(-1)?.type === 'paragraph_open') {
      const picture = new state.Token('picture', 'figure', 0);
      picture.attrSet('contentHash', hash);
      picture.attrSet('alt', altOf(only));
      picture.attrSet('caption', only.attrGet('title') ?? '');
      // In place of the paragraph around it.
      tokens[tokens.length - 1] = picture;
      i += 1;
      continue;
    }
    if (token.children) token.children = token.children.flatMap((child) => asLink(state, child));
    tokens.push(token);
  }
  state.tokens = tokens;
}

function hashOf(image: Token): string | null {
  return pictureFile.exec(image.attrGet('src') ?? '')?.groups?.['hash'] ?? null;
}

/** What a picture shows, as its words mean it: its content is as it was written. */
function altOf({ children }: Token): string {
  return (children ?? [])
    .map((child) => (child.type.endsWith('break') ? ' ' : altOf(child) || child.content))
    .join('');
}

function asLink(state: StateCore, token: Token): readonly Token[] {
  if (token.type !== 'image') return [token];
  const open = new state.Token('link_open', 'a', 1);
  const source = token.attrGet('src') ?? '';
  open.attrSet('href', source);
  const text = new state.Token('text', '', 0);
  text.content = altOf(token) || source;
  return [open, text, new state.Token('link_close', 'a', -1)];
}

const meanings: ConstructorParameters<typeof MarkdownParser>[2] = {
  paragraph: { block: 'paragraph' },
  heading: { block: 'heading', getAttrs: ({ tag }) => ({ level: Number(tag.slice(1)) }) },
  blockquote: { block: 'blockquote' },
  bullet_list: { block: 'bullet_list' },
  ordered_list: {
    block: 'ordered_list',
    getAttrs: (token) => ({ order: Number(token.attrGet('start') ?? 1) }),
  },
  list_item: { block: 'list_item' },
  code_block: { block: 'code_block', noCloseToken: true },
  fence: { block: 'code_block', noCloseToken: true },
  hr: { node: 'divider' },
  picture: {
    node: 'picture',
    getAttrs: (token) => ({
      contentHash: token.attrGet('contentHash') ?? '',
      alt: token.attrGet('alt') ?? '',
      caption: token.attrGet('caption') ?? '',
    }),
  },
  hardbreak: { node: 'hard_break' },
  em: { mark: 'em' },
  strong: { mark: 'strong' },
  s: { mark: 'strike' },
  code_inline: { mark: 'code', noCloseToken: true },
  link: {
    mark: 'link',
    getAttrs: (token) => ({
      href: token.attrGet('href') ?? '',
      title: token.attrGet('title') || null,
    }),
  },
  origin: {
    mark: 'origin',
    getAttrs: (token) => ({
      run: token.attrGet('run') ?? '',
      edited: (token.attrGet('edited') ?? '') !== '',
    }),
  },
};

/**
 * @param schema of `documentNodes` and `documentMarks`
 * @returns reads Markdown with line breaks of any system as a text of at least one block
 */
export function createMarkdownReader(schema: Schema): (markdown: string) => Node {
  const parser = new MarkdownParser(schema, createTokenizer(), meanings);
  return (markdown) => {
    const parsed = parser.parse(markdown);
    return parsed.childCount > 0 ? parsed : schema.node('doc', null, [schema.node('paragraph')]);
  };
}
