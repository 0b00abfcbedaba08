/** A scene as Markdown, for the plain files beside it: what it says, not where its words came from. */
import { defaultMarkdownSerializer, MarkdownSerializer } from 'prosemirror-markdown';
import { documentSchema, type DocumentNode } from '../document-schema.ts';

const { nodes, marks } = defaultMarkdownSerializer;

const serializer = new MarkdownSerializer(
  {
    ...nodes,
    divider(state, node) {
      state.write('***');
      state.closeBlock(node);
    },
    picture(state, node) {
      const { contentHash, alt, caption } = node.attrs;
      state.write(`![${state.esc(String(alt))}](${String(contentHash)})`);
      state.closeBlock(node);
      if (caption === '') return;
      state.write(state.esc(String(caption)));
      state.closeBlock(node);
    },
    code_block(state, node) {
      const longest = (node.textContent.match(/`{3,}/g) ?? []).reduce(
        (most, run) => Math.max(most, run.length),
        2,
      );
      const fence = '`'.repeat(longest + 1);
      state.write(`${fence}\n`);
      state.text(node.textContent, false);
      state.ensureNewLine();
      state.write(fence);
      state.closeBlock(node);
    },
  },
  {
    ...marks,
    origin: { open: '', close: '', mixable: true },
    strike: { open: '~~', close: '~~', mixable: true, expelEnclosingWhitespace: true },
  },
);

/** Block by block: the serializer looks through all it wrote at every block, which is the square of a novel. */
export function sceneMarkdown(doc: DocumentNode): string {
  let markdown = '';
  doc.forEach((block, _position, index) => {
    const before = index === 0 ? null : doc.child(index - 1);
    // Two lists one after another would be read as one.
    const isListAgain = before?.type === block.type && block.type.name.endsWith('_list');
    const gap = before === null ? '' : isListAgain ? '\n\n\n' : '\n\n';
    markdown +=
      gap + serializer.serialize(documentSchema.node('doc', null, [block]), { tightLists: true });
  });
  return `${markdown}\n`;
}
