import { describe, expect, it } from 'vitest';
import { reportSentences } from './report-sentences.ts';

const sound = {
  images: 3,
  trashed: 1,
  missingFiles: [],
  orphanFiles: [],
  changedFiles: [],
  integrity: 'ok',
};

describe('a check of the library', () => {
  it('says when everything is in order', () => {
    expect(reportSentences(sound)).toEqual(['3 pictures, 1 in the trash. Everything is in order.']);
  });

  it('names what is wrong, a few of the files, and what to do', () => {
    const sentences = reportSentences({
      ...sound,
      orphanFiles: ['a.png', 'b.png', 'c.png', 'd.png'],
      integrity: 'malformed',
    });
    expect(sentences).toEqual([
      '3 pictures, 1 in the trash.',
      'The database is damaged (malformed). Rebuild it from the files.',
      '4 files are not in the database: a.png, b.png, c.png, …. Rebuild from files to take them in.',
    ]);
  });
});
