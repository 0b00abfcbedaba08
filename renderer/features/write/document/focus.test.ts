import type { EditorState } from 'prosemirror-state';
import { expect, test } from 'vitest';
import { markedBlocks, paragraph, textOfBlocks } from './blocks.fixture.ts';
import { focusMode } from './focus.ts';

const longText = (blocks: number) => textOfBlocks(blocks, focusMode());

/** @returns what stands in the blocks that are kept laid out because they were written */
const freshBlocks = (state: EditorState) =>
  markedBlocks(state, ({ spec }) => spec['isFresh'] === true);

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
