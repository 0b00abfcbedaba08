import { EditorState } from 'prosemirror-state';
import type { DecorationSet } from 'prosemirror-view';
import { expect, test } from 'vitest';
import { focusMode } from './focus.ts';
import { nodeType, schema } from './schema.ts';

const paragraph = (text: string) => nodeType('paragraph').create(null, schema.text(text));

function longText(blocks: number): EditorState {
  const doc = nodeType('doc').create(
    null,
    Array.from({ length: blocks }, (_, index) => paragraph(`Block ${index}`)),
  );
  return EditorState.create({ doc, plugins: [focusMode()] });
}

/** @returns what stands in the blocks that are kept laid out because they were written */
function freshBlocks(state: EditorState): string[] {
  const [plugin] = state.plugins;
  const set = plugin?.props.decorations?.call(plugin, state) as DecorationSet;
  return set
    .find()
    .filter(({ spec }) => spec['isFresh'] === true)
    .map(({ from }) => state.doc.nodeAt(from)?.textContent ?? '');
}

test('In a long text the blocks that are written stay laid out, together, until another place is written', () => {
  let state = longText(300);
  expect(freshBlocks(state)).toEqual([]);
  const end = state.doc.content.size;
  state = state.apply(state.tr.insert(end, paragraph('First')));
  state = state.apply(state.tr.insert(state.doc.content.size, paragraph('Second')));
  expect(freshBlocks(state)).toEqual(['First', 'Second']);
  state = state.apply(state.tr.insertText('New ', 1));
  expect(freshBlocks(state)).toEqual(['New Block 0']);
});

test('In a text of usual length every block is laid out, and none is marked for it', () => {
  const state = longText(20);
  expect(freshBlocks(state.apply(state.tr.insertText('New ', 1)))).toEqual([]);
});
