import { expect, test } from 'vitest';
import { markedBlocks as near, paragraph, textOfBlocks } from './blocks.fixture.ts';
import { margin, nearBlocks } from './near-blocks.ts';

const textOf = (blocks: number) => textOfBlocks(blocks, nearBlocks());

test('A long text begins with its first screens minded, and what is put in among them is too', () => {
  let state = textOf(1000);
  const first = Array.from({ length: 2 * margin + 1 }, (_, index) => `Block ${index}`);
  expect(near(state)).toEqual(first);
  state = state.apply(state.tr.insertText('The ', 1));
  expect(near(state)).toEqual(['The Block 0', ...first.slice(1)]);
  const behindFirst = state.doc.firstChild?.nodeSize ?? 0;
  state = state.apply(state.tr.insert(behindFirst, paragraph('New')));
  expect(near(state).slice(0, 3)).toEqual(['The Block 0', 'New', 'Block 1']);
  expect(near(state).slice(-2)).toEqual([`Block ${2 * margin}`, `Block ${2 * margin + 1}`]);
});

test('A text that is replaced whole does not have every block minded', () => {
  const state = textOf(1000);
  const other = textOf(3000).doc;
  const next = state.apply(state.tr.replaceWith(0, state.doc.content.size, other.content));
  expect(near(next).length).toBeLessThanOrEqual(4 * margin + 1);
});

test('A text of usual length has no marks', () => {
  expect(near(textOf(150))).toEqual([]);
});
