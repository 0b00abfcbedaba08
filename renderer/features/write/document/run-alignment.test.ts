import { describe, expect, it } from 'vitest';
import { parseDocument } from './schema.ts';
import { alignTokens, spansOf } from './run-alignment.ts';

const tokens = ['Once', ' upon', ' a', ' time', '.\n', '\n', 'The', ' king', ' slept', '.'].map(
  (text, index) => ({ index, tokenId: index, text, probability: 0.5, alternatives: [] }),
);
const origin = (run: string, edited = false) => [{ type: 'origin', attrs: { run, edited } }];
const text = (words: string, marks: object[] = []) => ({ type: 'text', text: words, marks });
const place = (content: object[][]) => {
  const doc = parseDocument({
    type: 'doc',
    content: content.map((inline) => ({ type: 'paragraph', content: inline })),
  });
  return alignTokens(spansOf(doc, 'r', 0, doc.content.size), tokens).map(
    ({ from, to, token }) => `${doc.textBetween(from, to)}|${token.text.trim()}`,
  );
};

describe('the tokens of a run', () => {
  it('stand where they were put, over paragraphs', () => {
    expect(
      place([
        [text('I wrote: '), text('Once upon a time.', origin('r'))],
        [text('The king slept.', origin('r'))],
      ]),
    ).toEqual([
      'Once|Once',
      ' upon|upon',
      ' a|a',
      ' time|time',
      '.|.',
      'The|The',
      ' king|king',
      ' slept|slept',
      '.|.',
    ]);
  });

  it('are found around what a person put in or took out', () => {
    expect(
      place([
        [
          text('Once upon a', origin('r')),
          text(' dark', origin('r', true)),
          text(' time', origin('r')),
          text(' king', origin('r')),
          text(' and another', origin('other')),
        ],
      ]),
    ).toEqual(['Once|Once', ' upon|upon', ' a|a', ' time|time', ' king|king']);
    expect(
      place([
        [
          text('Once', origin('r')),
          text(' two', origin('r', true)),
          text(' king slept', origin('r')),
        ],
      ]),
    ).toEqual(['Once|Once', ' king|king', ' slept|slept']);
  });
});
