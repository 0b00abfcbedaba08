import { describe, expect, it } from 'vitest';
import type { Job } from '../../contract/queue.ts';
import type { EngineStatus } from '../../contract/system.ts';
import { crashMessage, jobFailureMessage, newlyFailed } from './alerts.ts';

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
});
