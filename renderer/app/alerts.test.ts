import { describe, expect, it } from 'vitest';
import type { ExportJob } from '../../contract/exports.ts';
import type { ImportJob } from '../../contract/imports.ts';
import type { Job } from '../../contract/queue.ts';
import type { EngineStatus } from '../../contract/system.ts';
import {
  crashMessage,
  exportEnd,
  importEnd,
  jobFailureMessage,
  newlyEnded,
  newlyFailed,
} from './alerts.ts';

const failed = {
  id: 'a',
  state: 'failed',
  request: { prompt: 'a cat' },
  error: { code: 'disk-full', message: 'The disk is full.' },
} as Job;
const running = { ...failed, state: 'running', error: null } as Job;

describe('alerts', () => {
  it('tell of a job that failed just now, once, and not of those that failed before the window opened', () => {
    expect(newlyFailed(undefined, { paused: false, jobs: [failed] })).toEqual([]);
    expect(
      newlyFailed({ paused: false, jobs: [running] }, { paused: false, jobs: [failed] }),
    ).toEqual([failed]);
    expect(
      newlyFailed({ paused: false, jobs: [failed] }, { paused: false, jobs: [failed] }),
    ).toEqual([]);
  });

  it('name the picture and the reason', () => {
    expect(jobFailureMessage(failed)).toMatchObject({
      code: 'disk-full',
      message: '“a cat” could not be drawn. The disk is full.',
    });
  });

  it('tell of a crash of the engine, and not of a restart that someone asked for', () => {
    const status = { state: 'ready', crashes: 0, message: null } as EngineStatus;
    expect(crashMessage(status, { ...status, crashes: 1 })).toContain('ended unexpectedly');
    expect(crashMessage(status, { ...status, state: 'restarting' })).toBeNull();
    expect(crashMessage(undefined, { ...status, crashes: 3 })).toBeNull();
  });

  it('tell of an export that ended or stands still, once, and not of one that a person paused', () => {
    const atWork = {
      id: 'e',
      state: 'running',
      progress: { written: 11, failed: 1 },
      error: null,
      pausedBecause: null,
    } as ExportJob;
    const done: ExportJob = { ...atWork, state: 'done' };
    const full = { code: 'disk-full' as const, message: 'The disk is full.' };
    expect(newlyEnded(undefined, [done], exportEnd)).toEqual([]);
    expect(newlyEnded([atWork], [done], exportEnd)).toEqual([
      '11 pictures exported. 1 picture failed; Activity says why.',
    ]);
    expect(newlyEnded([done], [done], exportEnd)).toEqual([]);
    expect(newlyEnded([atWork], [{ ...atWork, state: 'paused' }], exportEnd)).toEqual([]);
    expect(
      newlyEnded([atWork], [{ ...atWork, state: 'paused', pausedBecause: full }], exportEnd),
    ).toMatchObject([{ code: 'disk-full' }]);
  });

  it('tell of an import that ended, and of a watched folder only where something came', () => {
    const atWork = {
      id: 'i',
      state: 'running',
      origin: { kind: 'paths', paths: ['/old'] },
      progress: { imported: 0, skipped: 2 },
      error: null,
    } as unknown as ImportJob;
    const done: ImportJob = { ...atWork, state: 'done' };
    expect(newlyEnded([atWork], [done], importEnd)).toEqual([
      '0 pictures imported. 2 files were left out; Activity says why.',
    ]);
    const watched: ImportJob = {
      ...done,
      origin: { kind: 'watched', folderId: 'f', path: '/new' },
    };
    expect(newlyEnded([atWork], [watched], importEnd)).toEqual([]);
    expect(newlyEnded(undefined, [done], importEnd)).toEqual([]);
  });
});
