import { describe, expect, it } from 'vitest';
import { parseDocument } from '../document/schema.ts';
import { passageOf, placeInDocument } from './scored-text.ts';

const doc = parseDocument({
  type: 'doc',
  content: [
    { type: 'paragraph', content: [{ type: 'text', text: 'One two.' }] },
    {
      type: 'bullet_list',
      content: [
        {
          type: 'list_item',
          content: [
            {
              type: 'paragraph',
              content: [
                { type: 'text', text: 'Three' },
                { type: 'hard_break' },
                { type: 'text', text: 'four' },
              ],
            },
          ],
        },
      ],
    },
  ],
});

describe('a passage that a model reads', () => {
  const passage = passageOf(doc, { from: 0, to: doc.content.size });

  it('is the text of its blocks', () => {
    expect(passage.text).toBe('One two.\n\nThree\nfour');
  });

  it('leads every word back to its place', () => {
    for (const word of ['One', ' two.', 'Three', 'four']) {
      const start = passage.text.indexOf(word);
      const place = placeInDocument(passage, start, start + word.length);
      expect(place && doc.textBetween(place.from, place.to)).toBe(word);
    }
    expect(placeInDocument(passage, 8, 10)).toBe(null);
  });
});
