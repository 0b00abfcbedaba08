import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenMark } from './manuscript.ts';
import { byParagraph, pageSegments } from './page-segments.ts';
import { visibleToken } from './visible-token.ts';
import { countWords } from './word-count.ts';

function token(start: number, end: number): TokenMark {
  return { start, end, run: 1, text: '', probability: 1, alternatives: [] };
}

describe('the pieces of a page', () => {
  it('tell the model’s words from the person’s, token by token', () => {
    const pieces = pageSegments(
      'Once upon a time.',
      [{ start: 4, end: 16 }],
      [token(4, 9), token(9, 11), token(11, 16)],
    );
    expect(pieces).toEqual([
      { text: 'Once', byModel: false, token: null },
      { text: ' upon', byModel: true, token: 0 },
      { text: ' a', byModel: true, token: 1 },
      { text: ' time', byModel: true, token: 2 },
      { text: '.', byModel: false, token: null },
    ]);
  });

  it('always make up the whole text', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(40), { maxLength: 8 }), (text, places) => {
        const cuts = [...new Set(places)].toSorted((a, b) => a - b);
        const stretches = cuts
          .slice(1)
          .flatMap((end, index) => (index % 2 === 0 ? [{ start: cuts[index] ?? 0, end }] : []));
        expect(
          pageSegments(text, stretches, [])
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});

describe('paragraphs', () => {
  it('are the text between line breaks, blank ones too', () => {
    const paragraphs = byParagraph(pageSegments('One\n\nTwo', [{ start: 2, end: 6 }], []));
    expect(paragraphs.map((pieces) => pieces.map(({ text, byModel }) => [text, byModel]))).toEqual([
      [
        ['On', false],
        ['e', true],
      ],
      [],
      [
        ['T', true],
        ['wo', false],
      ],
    ]);
  });

  it('joined by line breaks make up the whole text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', ' ') }), (text) => {
        const paragraphs = byParagraph(
          pageSegments(
            text,
            [{ start: 0, end: Math.min(3, text.length) }].filter(({ end }) => end > 0),
            [],
          ),
        );
        expect(
          paragraphs.map((pieces) => pieces.map((piece) => piece.text).join('')).join('\n'),
        ).toBe(text);
      }),
    );
  });
});

describe('words', () => {
  it.each([
    ['', 0],
    ['Once upon a time', 4],
    ['the mother-in-law’s house — gone', 4],
    ['  123 go!  ', 2],
    ['été à Noël', 3],
  ])('in %j number %d', (text, count) => expect(countWords(text)).toBe(count));
});

describe('a token', () => {
  it('shows the white space that sets it apart', () => {
    expect(visibleToken(' a')).toBe('·a');
    expect(visibleToken('\n')).toBe('↵');
    expect(visibleToken('')).toBe('∅');
  });
});
