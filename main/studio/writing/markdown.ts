/**
 * Scenes ⇄ Markdown (CommonMark with `~~struck~~`).
 *
 * Promises: any text parses; what `toMarkdown` writes is read back as the same text, but for spaces at
 * the ends of lines. HTML in a file is text, except `<span data-run="…">`, which says where words came from.
 */
import MarkdownIt, { type StateCore, type Token } from 'markdown-it';
import { MarkdownParser, MarkdownSerializer } from 'prosemirror-markdown';
import type { Node } from 'prosemirror-model';
import { documentSchema, type DocumentNode } from './document-schema.ts';

const pictureFile = /(?:^|\/)(?<hash>[0-9a-f]{64})\.(?:png|jpe?g|webp)$/;

export interface MarkdownOptions {
  /** Path of a picture's file, as the text shall name it. */
  readonly picturePath: (contentHash: string) => string;
  /** Added to the level of every heading of a scene. */
  readonly headingShift: number;
}

const defaults: MarkdownOptions = {
  picturePath: (hash) => `pictures/${hash}.png`,
  headingShift: 0,
};

/**
 * `origin` marks are written as they are: take them away first if they should not show.
 *
 * Block by block: the serializer looks through all that it wrote at every block, which is the square of a novel.
 */
export function toMarkdown(scene: DocumentNode, options: Partial<MarkdownOptions> = {}): string {
  const own = { ...defaults, ...options };
  const serializers = [createSerializer(own, plainMarkers), createSerializer(own, otherMarkers)];
  let markdown = '';
  /** Of lists one after another, which would else be read as one. */
  let lists = 0;
  scene.forEach((block, _position, index) => {
    const before = index === 0 ? null : scene.child(index - 1);
    lists = before?.type === block.type && block.type.name.endsWith('_list') ? lists + 1 : 0;
    const alone = documentSchema.node('doc', null, [block]);
    const written = serializers[lists % 2]?.serialize(alone, { tightLists: true }) ?? '';
    markdown += (before === null ? '' : '\n\n') + written.trimEnd();
  });
  return markdown;
}

interface ListMarkers {
  readonly bullet: '-' | '*';
  readonly number: '.' | ')';
}
const plainMarkers: ListMarkers = { bullet: '-', number: '.' };
const otherMarkers: ListMarkers = { bullet: '*', number: ')' };

/** Prose stays readable: only what would mean something is escaped. */
function escapeText(text: string, startsLine: boolean): string {
  const escaped = text
    .replaceAll(/[`*\\~[\]<]/g, String.raw`\$&`)
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\_`)
    .replaceAll(/&(?=#?\w+;)/g, String.raw`\&`);
  if (!startsLine) return escaped;
  return escaped
    .trimStart()
    .replace(/^[-+>#=]/, String.raw`\$&`)
    .replace(/^(\d+)([.)])(?=\s|$)/, String.raw`$1\$2`);
}

function createSerializer(
  { picturePath, headingShift }: MarkdownOptions,
  markers: ListMarkers,
): MarkdownSerializer {
  /** Whether the next text begins a line. */
  let startsLine = false;
  return new MarkdownSerializer(
    {
      paragraph(state, node) {
        startsLine = true;
        state.esc = (text) => escapeText(text, startsLine);
        state.renderInline(node);
        state.closeBlock(node);
      },
      heading(state, node) {
        // At its end they would close the heading.
        state.esc = (text) => escapeText(text, false).replaceAll('#', String.raw`\#`);
        const level = Math.min(6, Number(node.attrs['level']) + headingShift);
        state.write(`${'#'.repeat(level)} `);
        state.renderInline(node, false);
        state.closeBlock(node);
      },
      blockquote: (state, node) =>
        state.wrapBlock('> ', null, node, () => state.renderContent(node)),
      bullet_list: (state, node) => state.renderList(node, '  ', () => `${markers.bullet} `),
      ordered_list(state, node) {
        const start = Number(node.attrs['order']);
        const width = String(start + node.childCount - 1).length + 2;
        state.renderList(node, ' '.repeat(width), (index) =>
          `${String(start + index)}${markers.number} `.padEnd(width),
        );
      },
      list_item: (state, node) => state.renderContent(node),
      code_block(state, node) {
        const ticks = node.textContent.match(/`{3,}/gu) ?? [];
        const fence = '`'.repeat(Math.max(2, ...ticks.map(({ length }) => length)) + 1);
        state.write(`${fence}\n`);
        state.text(node.textContent, false);
        state.write('\n');
        state.write(fence);
        state.closeBlock(node);
      },
      divider(state, node) {
        state.write('***');
        state.closeBlock(node);
      },
      picture(state, { attrs }) {
        const alt = escapeText(oneLine(String(attrs['alt'])), false);
        const caption = oneLine(String(attrs['caption']));
        const title = caption === '' ? '' : ` "${caption.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
        state.write(`![${alt}](${picturePath(String(attrs['contentHash']))}${title})`);
        state.ensureNewLine();
        state.write('\n');
      },
      hard_break(state, node, parent, index) {
        // At the end of a block a break would be read as a backslash.
        for (let i = index + 1; i < parent.childCount; i += 1) {
          if (parent.child(i).type === node.type) continue;
          state.write('\\\n');
          startsLine = true;
          return;
        }
      },
      text(state, node) {
        state.text(node.text ?? '');
        startsLine = false;
      },
    },
    {
      origin: {
        open: (_state, { attrs }) =>
          `<span data-run="${String(attrs['run'])}"${attrs['edited'] === true ? ' data-edited' : ''}>`,
        close: '</span>',
        mixable: true,
      },
      link: {
        open: '[',
        close: (_state, { attrs }) => {
          const href = String(attrs['href']).replaceAll(/[<>\n]/g, encodeURIComponent);
          const title = attrs['title'] === null ? '' : oneLine(String(attrs['title']));
          return `](<${href}>${title === '' ? '' : ` "${title.replaceAll(/["\\]/g, String.raw`\$&`)}"`})`;
        },
        mixable: true,
      },
      strong: { open: '**', close: '**', mixable: true, expelEnclosingWhitespace: true },
      em: { open: '*', close: '*', mixable: true, expelEnclosingWhitespace: true },
      strike: { open: '~~', close: '~~', mixable: true, expelEnclosingWhitespace: true },
      code: {
        open: (_state, _mark, parent, index) => codeFence(parent.child(index), 'open'),
        close: (_state, _mark, parent, index) => codeFence(parent.child(index - 1), 'close'),
        escape: false,
      },
    },
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Long enough for the backticks within, with a space where the text has one at that end. */
function codeFence({ text = '' }: Node, end: 'open' | 'close'): string {
  const longest = Math.max(0, ...(text.match(/`+/gu) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const padded = /^`|`$|^ .*[^ ].* $/su.test(text);
  return end === 'open' ? `${fence}${padded ? ' ' : ''}` : `${padded ? ' ' : ''}${fence}`;
}

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

/** A picture of the library alone in its paragraph is a block; any other becomes a link to it. */
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
      picture.attrSet('alt', only.content);
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
  return pictureFile.exec(String(image.attrGet('src') ?? ''))?.groups?.['hash'] ?? null;
}

function asLink(state: StateCore, token: Token): readonly Token[] {
  if (token.type !== 'image') return [token];
  const open = new state.Token('link_open', 'a', 1);
  const source = String(token.attrGet('src') ?? '');
  open.attrSet('href', source);
  const text = new state.Token('text', '', 0);
  text.content = token.content || source;
  return [open, text, new state.Token('link_close', 'a', -1)];
}

const parser = new MarkdownParser(documentSchema, createTokenizer(), {
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
});

/** @returns a text of at least one block */
export function fromMarkdown(markdown: string): DocumentNode {
  const parsed = parser.parse(markdown);
  // A heading or list item without words is not what the schema asks for.
  return parsed.childCount > 0
    ? parsed
    : documentSchema.node('doc', null, [documentSchema.node('paragraph')]);
}
