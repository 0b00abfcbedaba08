/**
 * A scene as Markdown (CommonMark with `~~struck~~`).
 *
 * Promises: `read-markdown.ts` reads it back as the same text, but for spaces at the ends of lines.
 */
import { MarkdownSerializer } from 'prosemirror-markdown';
import type { Node } from 'prosemirror-model';

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
export function writeMarkdown(scene: Node, options: Partial<MarkdownOptions> = {}): string {
  const own = { ...defaults, ...options };
  const serializers = markersOfLists.map((markers) => createSerializer(own, markers));
  const written = scene.children.map((block, index) => {
    const alone = scene.type.create(null, [block]);
    const serializer = serializers[listsBefore(scene, index) % serializers.length];
    return serializer?.serialize(alone, { tightLists: true }).trimEnd() ?? '';
  });
  return written.join('\n\n');
}

/** Of lists one after another, which would be read as one if they had the same marks. */
function listsBefore(parent: Node, index: number): number {
  const { type } = parent.child(index);
  if (!type.name.endsWith('_list')) return 0;
  let count = 0;
  while (count < index && parent.child(index - count - 1).type === type) count += 1;
  return count;
}

interface ListMarkers {
  readonly bullet: '-' | '*';
  readonly number: '.' | ')';
}
const markersOfLists: readonly ListMarkers[] = [
  { bullet: '-', number: '.' },
  { bullet: '*', number: ')' },
];

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
  outer: ListMarkers,
): MarkdownSerializer {
  const markersOf = (parent: Node, index: number): ListMarkers =>
    parent.type.name === 'doc'
      ? outer
      : (markersOfLists[listsBefore(parent, index) % markersOfLists.length] ?? outer);
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
      bullet_list(state, node, parent, index) {
        const { bullet } = markersOf(parent, index);
        state.renderList(node, '  ', () => `${bullet} `);
      },
      ordered_list(state, node, parent, index) {
        const start = Number(node.attrs['order']);
        const { number } = markersOf(parent, index);
        // Any other number could be the paragraph's that stands right before it.
        if (start !== 1) state.write('');
        const width = String(start + node.childCount - 1).length + 2;
        state.renderList(node, ' '.repeat(width), (item) =>
          `${String(start + item)}${number} `.padEnd(width),
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
        open(_state, _mark, parent, index) {
          startsLine = false;
          return codeFence(parent.child(index), 'open');
        },
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
