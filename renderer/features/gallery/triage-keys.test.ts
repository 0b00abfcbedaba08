import { describe, expect, it } from 'vitest';
import { describeMarks } from './mark-sentences.ts';
import { keyOfLabel, markOfKey } from './triage-keys.ts';

const press = (key: string, mods: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...mods,
});

describe('a key of triage', () => {
  it('rates, flags and labels', () => {
    expect(markOfKey(press('4'), undefined)).toEqual({ rating: 4 });
    expect(markOfKey(press('0'), undefined)).toEqual({ rating: 0 });
    expect(markOfKey(press('P'), undefined)).toEqual({ flag: 'pick' });
    expect(markOfKey(press('x'), undefined)).toEqual({ flag: 'reject' });
    expect(markOfKey(press('u'), undefined)).toEqual({ flag: null });
    expect(markOfKey(press('8'), { label: 'red' })).toEqual({ label: 'green' });
  });

  it('takes a label away when it is pressed again', () => {
    expect(markOfKey(press('6'), { label: 'red' })).toEqual({ label: null });
  });

  it('leaves combinations and other keys alone', () => {
    expect(markOfKey(press('5', { ctrlKey: true }), undefined)).toBeNull();
    expect(markOfKey(press('q'), undefined)).toBeNull();
    expect(markOfKey(press('Enter'), undefined)).toBeNull();
  });

  it('is known by the label that it gives', () => {
    expect(keyOfLabel('yellow')).toBe('7');
    expect(keyOfLabel('purple')).toBeNull();
  });
});

describe('what was done', () => {
  it.each([
    [{ rating: 4 }, 1, 'Picture rated 4 stars'],
    [{ rating: 1 }, 3, '3 pictures rated 1 star'],
    [{ rating: 0 }, 1, 'Picture no longer rated'],
    [{ flag: 'reject' as const }, 1200, '1,200 pictures rejected'],
    [{ label: null }, 1, 'Picture no longer labelled'],
    [{ addTags: ['sea', 'sky'] }, 12, '12 pictures tagged sea, sky'],
    [{ removeTags: ['sea'] }, 2, '2 pictures no longer tagged sea'],
    [{ note: 'x' }, 1, 'Picture given a note'],
  ])('is said in a sentence: %j', (change, pictures, sentence) => {
    expect(describeMarks(change, pictures)).toBe(sentence);
  });
});
