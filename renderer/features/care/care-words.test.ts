import { describe, expect, it } from 'vitest';
import { copySentences, phaseTitle, reportSentences } from './care-words.ts';

const sound = { images: 3, trashed: 1, findings: [], found: 0, mended: 0 };

describe('the library’s care in words', () => {
  it('says when everything is in order', () => {
    expect(reportSentences(sound)).toEqual(['3 pictures, 1 in the trash. Everything is in order.']);
  });

  it('says what is wrong, what is done about it, and how much more there is', () => {
    const finding = {
      kind: 'orphan-file',
      subject: 'images/a.png',
      message: 'The database does not know “images/a.png”.',
      remedy: 'It was taken in.',
      isMended: true,
    } as const;
    expect(reportSentences({ ...sound, findings: [finding], found: 1001, mended: 1 })).toEqual([
      '3 pictures, 1 in the trash. 1,001 things are not in order, 1 of them mended.',
      'Mended: The database does not know “images/a.png”. It was taken in.',
      'There are 1,000 more.',
    ]);
  });

  it('tells how far it is, and what came of a copy', () => {
    expect(phaseTitle('backup', null)).toBe('Backing up…');
    expect(
      phaseTitle('backup', { kind: 'progress', phase: 'pictures', done: 5, total: 1200 }),
    ).toBe('Backing up: pictures, 5 of 1,200');
    expect(
      copySentences('merge', {
        pictures: 2,
        bytes: 2_000_000,
        alreadyThere: 10,
        marks: 1,
        albums: 1,
        problems: ['Its writing is not taken over.'],
      }),
    ).toEqual([
      '2 pictures taken over (2.0 MB), 10 there already.',
      'Marks of 1 picture and 1 album changed.',
      'Its writing is not taken over.',
    ]);
  });
});
