import { expect, it } from 'vitest';
import {
  addEntry,
  changeEntry,
  foundEntries,
  keysOf,
  newEntry,
  removeEntry,
  restoreEntry,
} from './lore-edit.ts';

const king = { ...newEntry('a', 'The king'), text: 'He is called Rex.' };
const queen = newEntry('b', 'The queen');

it('removes an entry and puts it back where it was, once', () => {
  const both = addEntry({ lore: [king] }, queen);
  const without = removeEntry(both, 'a');
  expect(without.lore).toEqual([queen]);
  const restored = restoreEntry(without, king, 0);
  expect(restored.lore).toEqual([king, queen]);
  expect(restoreEntry(restored, king, 0).lore).toEqual([king, queen]);
});

it('changes an entry that is there, and makes none', () => {
  expect(changeEntry({ lore: [king] }, 'a', { priority: 3 }).lore[0]?.priority).toBe(3);
  expect(changeEntry({ lore: [king] }, 'gone', { priority: 3 }).lore).toEqual([king]);
});

it('is searched by words in title, keys and text', () => {
  expect(foundEntries([king, queen], 'king rex')).toEqual([king]);
  expect(foundEntries([king, queen], '')).toEqual([king, queen]);
});

it('takes keys apart at commas, and leaves patterns whole', () => {
  expect(keysOf(' Rex, the king,, ')).toEqual(['Rex', 'the king']);
  expect(keysOf('/dragons?(,| )/i')).toEqual(['/dragons?(,| )/i']);
});
