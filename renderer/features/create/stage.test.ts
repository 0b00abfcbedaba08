import { describe, expect, it } from 'vitest';
import { defaultImageOptions } from '../../../contract/image-options.ts';
import type { Job, Preview } from '../../../contract/queue.ts';
import { sampleEvenly } from './sample-evenly.ts';
import { withPreview, type PictureSteps } from './preview-history.ts';
import { jobFraction, originOf, queuedJobs, stageFor } from './stage.ts';

function job(id: string, change: Partial<Job>): Job {
  return {
    id,
    state: 'queued',
    request: {
      modelId: 'starter',
      prompt: 'a cat',
      negativePrompt: '',
      width: 256,
      height: 256,
      steps: 20,
      guidanceScale: 5,
      scheduler: 'euler',
      sigmaSchedule: 'normal',
      seed: 1,
      ...defaultImageOptions,
      count: 1,
      grid: null,
    },
    createdAt: 0,
    startedAt: null,
    finishedAt: null,
    imageIds: [],
    progress: null,
    error: null,
    attempts: 0,
    ...change,
  };
}

const running = job('1', { state: 'running', startedAt: 5 });
const failed = job('2', {
  state: 'failed',
  finishedAt: 9,
  error: { code: 'engine-stopped', message: 'It stopped.' },
});
const done = job('3', { state: 'done', finishedAt: 7, imageIds: ['p', 'q'] });

describe('the middle of Create', () => {
  it('follows the work: the running picture, else the newest one', () => {
    expect(
      stageFor({ kind: 'newest' }, { paused: false, jobs: [running, done] }, ['q', 'p'], false),
    ).toEqual({ kind: 'drawing', job: running });
    expect(
      stageFor({ kind: 'newest' }, { paused: false, jobs: [done] }, ['q', 'p'], false),
    ).toEqual({ kind: 'image', id: 'q' });
  });

  it('shows a failure when it is the last thing that happened, and not after a later success', () => {
    expect(
      stageFor({ kind: 'newest' }, { paused: false, jobs: [failed, done] }, ['q'], false),
    ).toEqual({ kind: 'failed', job: failed });
    const later = { ...done, finishedAt: 12 };
    expect(
      stageFor({ kind: 'newest' }, { paused: false, jobs: [later, failed] }, ['q'], false),
    ).toEqual({ kind: 'image', id: 'q' });
  });

  it('shows a picture just made while the list of the newest is still being read', () => {
    expect(stageFor({ kind: 'newest' }, { paused: false, jobs: [done] }, ['old'], true)).toEqual({
      kind: 'image',
      id: 'q',
    });
    expect(stageFor({ kind: 'newest' }, { paused: false, jobs: [done] }, ['old'], false)).toEqual({
      kind: 'image',
      id: 'old',
    });
  });

  it('stays with a picture that someone chose while the queue goes on', () => {
    expect(
      stageFor({ kind: 'image', id: 'p' }, { paused: false, jobs: [running] }, ['q', 'p'], false),
    ).toEqual({ kind: 'image', id: 'p' });
  });

  it('welcomes a person who has made nothing yet', () => {
    expect(stageFor({ kind: 'newest' }, undefined, [], false)).toEqual({ kind: 'empty' });
  });

  it('knows which job made a picture', () => {
    expect(originOf('q', { paused: false, jobs: [running, done] })).toEqual({
      jobId: '3',
      picture: 1,
    });
    expect(originOf('x', { paused: false, jobs: [running, done] })).toBeNull();
  });

  it('counts what waits', () => {
    expect(
      queuedJobs({ paused: false, jobs: [running, job('4', {}), done] }).map(({ id }) => id),
    ).toEqual(['4']);
  });

  it('measures progress over all pictures of a job', () => {
    const progress = {
      phase: 'denoising',
      picture: 1,
      step: 10,
      steps: 20,
      stepsPerSecond: null,
      remainingMs: null,
    } as const;
    expect(jobFraction({ ...running, request: { ...running.request, count: 4 }, progress })).toBe(
      0.375,
    );
    expect(jobFraction(running)).toBeNull();
  });
});

describe('the strip of steps', () => {
  it('shows few steps all and many evenly, the first and the last among them', () => {
    expect(sampleEvenly([1, 2, 3], 40)).toEqual([1, 2, 3]);
    const many = sampleEvenly(
      Array.from({ length: 500 }, (_, step) => step),
      40,
    );
    expect(many.length).toBe(40);
    expect([many[0], many.at(-1)]).toEqual([0, 499]);
  });
});

describe('previews', () => {
  const preview = (jobId: string, picture: number, step: number): Preview => ({
    jobId,
    picture,
    step,
    steps: 20,
    width: 1,
    height: 1,
    rgb: new Uint8Array(3),
  });
  const steps = (history: readonly PictureSteps[]) =>
    history.map((entry) => entry.previews.map(({ step }) => step));

  it('gather by picture', () => {
    const history = [preview('1', 0, 1), preview('1', 0, 2), preview('1', 1, 1)].reduce(
      withPreview,
      [],
    );
    expect(steps(history)).toEqual([[1, 2], [1]]);
  });

  it('start anew when a picture is tried again', () => {
    const history = [preview('1', 0, 1), preview('1', 0, 2), preview('1', 0, 1)].reduce(
      withPreview,
      [],
    );
    expect(steps(history)).toEqual([[1]]);
  });

  it('are forgotten, oldest first, so that memory stays bounded', () => {
    const history = Array.from({ length: 100 }, (_, picture) => preview('1', picture, 1)).reduce(
      withPreview,
      [],
    );
    expect(history.length).toBe(40);
    expect(history.at(-1)?.picture).toBe(99);
  });
});
