/** Texts of numbered blocks, and what a plugin marks of them. */
import { EditorState, type Plugin } from 'prosemirror-state';
import type { Decoration, DecorationSet } from 'prosemirror-view';
import { nodeType, schema } from './schema.ts';

export const paragraph = (text: string) => nodeType('paragraph').create(null, schema.text(text));

/** "Block 0", "Block 1" and so on. */
export function textOfBlocks(blocks: number, plugin: Plugin): EditorState {
  const doc = nodeType('doc').create(
    null,
    Array.from({ length: blocks }, (_, index) => paragraph(`Block ${index}`)),
  );
  return EditorState.create({ doc, plugins: [plugin] });
}

/** @returns the texts of the blocks that the plugin marks */
export function markedBlocks(
  state: EditorState,
  counts: (mark: Decoration) => boolean = () => true,
): string[] {
  const [plugin] = state.plugins;
  const set = plugin?.props.decorations?.call(plugin, state) as DecorationSet;
  return set
    .find()
    .filter(counts)
    .map(({ from }) => state.doc.nodeAt(from)?.textContent ?? '');
}
