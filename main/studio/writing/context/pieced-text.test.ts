import { describe, expect, it } from 'vitest';
import {
  bare,
  coveringParts,
  joinPieced,
  locatePieced,
  pieced,
  type PiecedText,
} from './pieced-text.ts';

const stretches = ({ text, pieces }: PiecedText) =>
  pieces.map(({ label, start, end }) => [label, text.slice(start, end)]);
const turn = (label: string, text: string) => pieced('turns', label, text);

describe('A text of pieces', () => {
  it('is joined, and its pieces stay where they are', () => {
    const joined = joinPieced([turn('1', 'One'), joinPieced([bare('['), turn('2', 'Two')])], ', ');
    expect(joined.text).toBe('One, [Two');
    expect(stretches(joined)).toEqual([
      ['1', 'One'],
      ['2', 'Two'],
    ]);
  });

  it('is found in what a template made of it, in order, and not within a word', () => {
    const made = '<|system|>\nBe kind.<|user|>\nHi<|assistant|>\na<|user|>\nHi<|assistant|>\n';
    const found = locatePieced(made, [
      turn('s', ' Be kind. '),
      turn('1', 'Hi'),
      turn('2', 'a'),
      turn('3', 'Hi'),
    ]);
    expect(stretches(found)).toEqual([
      ['s', 'Be kind.'],
      ['1', 'Hi'],
      ['2', 'a'],
      ['3', 'Hi'],
    ]);
    expect(found.pieces.map(({ start }) => start)).toEqual([
      made.indexOf('Be'),
      made.indexOf('Hi'),
      made.indexOf('a<'),
      made.lastIndexOf('Hi'),
    ]);
  });

  it('leaves out what the template changed', () => {
    expect(stretches(locatePieced('<u>HI</u>', [turn('1', 'Hi')]))).toEqual([]);
  });

  it('is covered by parts: what stands before a piece belongs to it', () => {
    const parts = coveringParts(
      locatePieced('<s><u>One\n</u><u>Two</u><a>', [turn('1', 'One'), turn('2', 'Two')]),
      { source: 'system', label: 'before' },
      { source: 'system', label: 'after' },
    );
    expect(parts.map(({ label, start, end }) => [label, start, end])).toEqual([
      ['before', 0, 6],
      ['1', 6, 10],
      ['2', 10, 20],
      ['after', 20, 27],
    ]);
  });
});
