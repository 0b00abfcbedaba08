import { expect, it } from 'vitest';
import { findInTurns, wordsPattern } from './found-words.ts';

const turns = [{ text: 'The lamp. The lamps.' }, { text: 'No light.' }, { text: 'A LAMP (again)' }];

it('finds words in every turn, whatever their capitals, in the order in which they stand', () => {
  expect(findInTurns(turns, wordsPattern('lamp'))).toEqual([
    { turn: 0, nth: 0 },
    { turn: 0, nth: 1 },
    { turn: 2, nth: 0 },
  ]);
});

it('takes what is typed for words, not for a pattern', () => {
  expect(findInTurns(turns, wordsPattern('(again)'))).toEqual([{ turn: 2, nth: 0 }]);
  expect(findInTurns(turns, wordsPattern('l.mp'))).toEqual([]);
});
