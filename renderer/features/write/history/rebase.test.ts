import { Transform } from 'prosemirror-transform';
import { describe, expect, it } from 'vitest';
import { parseDocument, schema } from '../document/schema.ts';
import { rebaseUnsaved } from './rebase.ts';
import { differenceStep } from './text-difference.ts';

const scene = (...paragraphs: string[]) =>
  parseDocument({
    type: 'doc',
    content: paragraphs.map((text) => ({
      type: 'paragraph',
      content: text === '' ? [] : [{ type: 'text', text }],
    })),
  });

describe('unsaved work and the work of another window', () => {
  const base = scene('The king slept.', 'The queen woke.');

  it('are both in the text where they lie apart', () => {
    const theirs = scene('The old king slept.', 'The queen woke.');
    const mine = new Transform(base).insert(base.content.size - 1, schema.text(' It rained.'));
    const { transform, isMerged } = rebaseUnsaved(base, theirs, mine.steps, mine.doc);
    expect(isMerged).toBe(true);
    expect(transform.doc.eq(scene('The old king slept.', 'The queen woke. It rained.'))).toBe(true);
  });

  it('letter by letter too', () => {
    const theirs = scene('Once, the king slept.', 'The queen woke.');
    const mine = new Transform(base);
    for (const letter of ' Then') mine.insert(mine.doc.content.size - 1, schema.text(letter));
    mine.delete(mine.doc.content.size - 2, mine.doc.content.size - 1);
    const { transform } = rebaseUnsaved(base, theirs, mine.steps, mine.doc);
    expect(transform.doc.textBetween(0, transform.doc.content.size, '|')).toBe(
      'Once, the king slept.|The queen woke. The',
    );
  });

  it('leave the unsaved text as it is where both changed the same place', () => {
    const theirs = scene('The queen woke.');
    const mine = new Transform(base).replaceWith(5, 9, schema.text('emperor'));
    const { transform, isMerged } = rebaseUnsaved(base, theirs, mine.steps, mine.doc);
    expect(isMerged).toBe(false);
    expect(transform.doc.eq(mine.doc)).toBe(true);
    expect(transform.steps.length).toBeGreaterThan(0);
  });

  it('differ by one step, whatever changed', () => {
    for (const [before, after] of [
      [scene('aaa'), scene('aa')],
      [scene('ab', 'ab'), scene('ab')],
      [scene(''), scene('one', 'two')],
      [scene('one', 'two'), scene('one two')],
    ] as const) {
      expect(differenceStep(before, after)?.apply(before).doc?.eq(after)).toBe(true);
    }
    expect(differenceStep(base, base)).toBe(null);
  });
});
