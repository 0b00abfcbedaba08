import { describe, expect, it } from 'vitest';
import { ExportSettings, type ExportJob } from '../../../contract/exports.ts';
import { emptyExportDraft, isAsPreset, optionsOf, withPreset } from './export-draft.ts';
import {
  exportFraction,
  exportInFront,
  factsOfExport,
  reportText,
  titleOfExport,
} from './export-words.ts';
import {
  colourSummary,
  formatSummary,
  sizeOfMode,
  sizeSummary,
  toldSummary,
} from './setting-words.ts';

const settings = ExportSettings.parse({});
const job: ExportJob = {
  id: '4b3c1f6e-8f4d-4f0a-9a3e-1a2b3c4d5e6f',
  state: 'running',
  source: { query: 'rating>=4' },
  target: { kind: 'folder', path: '/home/ada/posters' },
  settings: { ...settings, format: 'webp', size: { mode: 'long-edge', pixels: 2048 } },
  createdAt: 0,
  startedAt: 1000,
  finishedAt: null,
  progress: {
    phase: 'writing',
    done: 30,
    total: 120,
    written: 28,
    skipped: 1,
    failed: 1,
    bytes: 4_200_000,
    filesPerSecond: 12,
    remainingMs: 7_500,
  },
  failures: [],
  pausedBecause: null,
  error: null,
};

describe('an export in words', () => {
  it('tells how many pictures go where, how far it is and how it writes them', () => {
    expect(titleOfExport(job)).toBe('120 pictures → /home/ada/posters');
    expect(factsOfExport(job)).toBe(
      'Writing · 30 of 120 · 1 left out · 4.2 MB · 12 files/s · 8 s left · Folder · WebP · 85 · Long edge 2048 px',
    );
    expect(exportFraction(job)).toBe(0.25);
  });

  it('knows no share while the pictures are being found', () => {
    expect(
      exportFraction({ ...job, progress: { ...job.progress, phase: 'preparing' } }),
    ).toBeNull();
  });

  it('puts the running one in front, else one that stands still by itself', () => {
    const paused: ExportJob = { ...job, state: 'paused' };
    const stuck: ExportJob = {
      ...paused,
      pausedBecause: { code: 'disk-full', message: 'The disk is full.' },
    };
    expect(exportInFront([paused, stuck, job])).toBe(job);
    expect(exportInFront([paused, stuck])).toBe(stuck);
    expect(exportInFront([paused])).toBeNull();
    expect(exportInFront(undefined)).toBeNull();
  });

  it('reports failures one a line', () => {
    expect(
      reportText([
        {
          outcome: 'failed',
          id: '0f0e0d0c-0b0a-4908-8706-050403020100',
          fileName: 'a.png',
          error: { code: 'unsupported', message: 'It cannot be decoded.' },
        },
        { outcome: 'skipped', id: '0f0e0d0c-0b0a-4908-8706-050403020101', files: ['b.png'] },
      ]),
    ).toBe('a.png\tIt cannot be decoded.');
  });
});

describe('what the folded sections say', () => {
  it('names a quality only where one can be chosen', () => {
    expect(formatSummary(settings)).toBe('PNG');
    expect(formatSummary({ ...settings, format: 'jpeg', quality: 90 })).toBe('JPEG · 90');
    expect(formatSummary({ ...settings, format: 'avif', lossless: true })).toBe('AVIF · lossless');
  });

  it('says nothing of what is left as it is', () => {
    expect(sizeSummary(settings)).toBeNull();
    expect(colourSummary(settings)).toBeNull();
    expect(toldSummary({ ...settings, metadata: 'clean', contentCredentials: true })).toBe(
      'Nothing',
    );
  });

  it('keeps the figures that mean the same when the kind of size changes', () => {
    const fit = sizeOfMode({ mode: 'long-edge', pixels: 1600 }, 'fit');
    expect(fit).toEqual({ mode: 'fit', width: 1600, height: 1600 });
    expect(sizeOfMode({ mode: 'fit', width: 1600, height: 900 }, 'short-edge')).toEqual({
      mode: 'short-edge',
      pixels: 1600,
    });
  });
});

describe('the draft of an export', () => {
  const source = { query: '', order: 'newest' } as const;

  it('goes into the folder, or makes one file within it', () => {
    const draft = { ...emptyExportDraft, folder: '/home/ada/out/', fileName: ' Spring ' };
    expect(optionsOf(draft, source, '/').target.path).toBe('/home/ada/out');
    expect(optionsOf({ ...draft, kind: 'zip' }, source, '/').target).toEqual({
      kind: 'zip',
      path: '/home/ada/out/Spring',
    });
    expect(
      optionsOf({ ...draft, folder: 'C:\\out\\', kind: 'zip' }, source, '\\').target.path,
    ).toBe('C:\\out\\Spring');
    expect(optionsOf({ ...draft, folder: '/', kind: 'zip' }, source, '/').target.path).toBe(
      '/Spring',
    );
  });

  it('is a preset as long as nothing was changed', () => {
    const preset = {
      name: 'Small',
      builtIn: false,
      description: '',
      kind: 'zip' as const,
      settings: { ...settings, quality: 50 },
    };
    const draft = withPreset(emptyExportDraft, preset);
    expect(isAsPreset(draft, preset)).toBe(true);
    expect(isAsPreset({ ...draft, settings: { ...draft.settings, quality: 51 } }, preset)).toBe(
      false,
    );
  });
});
