import { describe, expect, it } from 'vitest';
import { reportSentences } from './report-sentences.ts';

describe('a check of the library', () => {
  it('says when everything is in order', () => {
    const sound = { images: 3, trashed: 1, findings: [], found: 0, mended: 0 };
    expect(reportSentences(sound)).toEqual(['3 pictures, 1 in the trash. Everything is in order.']);
  });

  it('says what is wrong, what would be done, and how much more there is', () => {
    const finding = {
      kind: 'orphan-file',
      subject: 'images/a.png',
      message: 'The database does not know "images/a.png".',
      remedy: 'It is taken into the library.',
      isMended: false,
    } as const;
    expect(
      reportSentences({
        images: 3,
        trashed: 1,
        findings: [finding, { ...finding, message: 'The disk is damaged.', remedy: null }],
        found: 5002,
        mended: 0,
      }),
    ).toEqual([
      '3 pictures, 1 in the trash.',
      'The database does not know "images/a.png". It is taken into the library.',
      'The disk is damaged.',
      'There are 5,000 more.',
    ]);
  });
});
