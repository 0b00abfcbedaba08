import { Transform } from 'prosemirror-transform';
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../document/schema.ts';
import { insertText } from './insert-text.ts';

const run = 'run-1';
const lines = (transform: Transform) => {
  const texts: string[] = [];
  transform.doc.forEach((node) => texts.push(node.textContent));
  return texts;
};

function stream(before: string, at: number, pieces: readonly string[]) {
  const transform = new Transform(
    parseDocument({
      type: 'doc',
      content: [
        { type: 'paragraph', content: before === '' ? [] : [{ type: 'text', text: before }] },
      ],
    }),
  );
  let place = { position: at, breaks: '' };
  for (const piece of pieces) place = insertText(transform, place, piece, run);
  return { transform, place };
}

describe('text of a model', () => {
  it('makes paragraphs of its line breaks, wherever pieces end, and none at its end', () => {
    const { transform, place } = stream('Once', 5, [' upon', '\n', '\nThe', ' king.\n\n', '\n']);
    expect(lines(transform)).toEqual(['Once upon', 'The king.']);
    expect(place.breaks).toBe('\n\n\n');
    expect(transform.doc.resolve(place.position).parentOffset).toBe('The king.'.length);
  });

  it('stands between the words of a person', () => {
    const { transform } = stream('Once the king', 5, [' more,\nthen', ' came']);
    expect(lines(transform)).toEqual(['Once more,', 'then came the king']);
    const runs: (string | null)[] = [];
    transform.doc.descendants((node) => {
      if (node.isText) runs.push(node.marks.length > 0 ? (node.text ?? '') : null);
    });
    expect(runs).toEqual([null, ' more,', 'then came', null]);
  });

  it('begins an empty paragraph without a space or a break', () => {
    expect(lines(stream('', 1, ['\n\n Once', ' more']).transform)).toEqual(['Once more']);
  });
});
