import { describe, expect, it } from 'vitest';
import type { ImportJob } from '../../../contract/imports.ts';
import {
  factsOfImport,
  importFraction,
  tagsOf,
  titleOfImport,
  uploadSentence,
} from './import-words.ts';

const job: ImportJob = {
  id: '4b3c1f6e-8f4d-4f0a-9a3e-1a2b3c4d5e6f',
  state: 'running',
  origin: { kind: 'paths', paths: ['/home/ada/old', '/home/ada/new'] },
  into: { albumId: null, tags: [] },
  createdAt: 0,
  finishedAt: null,
  progress: {
    phase: 'importing',
    found: 400,
    done: 100,
    imported: 90,
    duplicates: 8,
    skipped: 2,
    bytes: 12_000_000,
    filesPerSecond: 20,
    remainingMs: 15_000,
  },
  skips: [],
  error: null,
};

describe('an import in words', () => {
  it('tells where from, how far, how fast and how long', () => {
    expect(titleOfImport(job)).toBe('/home/ada/old and 1 more');
    expect(importFraction(job)).toBe(0.25);
    expect(factsOfImport(job)).toBe(
      '100 of 400 · 90 pictures imported · 8 known already · 12 MB · 20 files/s · 15 s left',
    );
  });

  it('knows no share while it looks for pictures', () => {
    const scanning: ImportJob = { ...job, progress: { ...job.progress, phase: 'scanning' } };
    expect(importFraction(scanning)).toBeNull();
    expect(factsOfImport(scanning)).toMatch(/^Looking for pictures, 400 so far/);
  });

  it('says of files that were dropped what came in, what was there and what was left out and why', () => {
    expect(
      uploadSentence({
        total: 3,
        done: 3,
        imported: ['0f0e0d0c-0b0a-4908-8706-050403020100'],
        duplicates: ['0f0e0d0c-0b0a-4908-8706-050403020101'],
        skips: [{ path: 'a.txt', reason: 'It is no picture.' }],
      }),
    ).toBe(
      '1 picture imported. 1 is in the library already. 1 file was left out: It is no picture.',
    );
  });

  it('reads tags between commas, each once whatever its case', () => {
    expect(tagsOf(' sea,  night  sky ,Sea,, ')).toEqual(['sea', 'night sky']);
  });
});
