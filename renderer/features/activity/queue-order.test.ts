import { describe, expect, it } from 'vitest';
import type { Job } from '../../../contract/queue.ts';
import { moveTarget } from './queue-order.ts';

const jobs = [
  { id: 'r', state: 'running' },
  { id: 'a', state: 'queued' },
  { id: 'b', state: 'queued' },
  { id: 'c', state: 'queued' },
  { id: 'd', state: 'done' },
] as Job[];

describe('moving a queued job', () => {
  it('goes up before the one above it', () => expect(moveTarget(jobs, 'c', 'up')).toBe('b'));
  it('goes down before the one after the next', () =>
    expect(moveTarget(jobs, 'a', 'down')).toBe('c'));
  it('goes down to the end', () => expect(moveTarget(jobs, 'b', 'down')).toBeNull());
  it('cannot pass the running job or the end', () => {
    expect(moveTarget(jobs, 'a', 'up')).toBeUndefined();
    expect(moveTarget(jobs, 'c', 'down')).toBeUndefined();
  });
  it('leaves running and finished jobs alone', () => {
    expect(moveTarget(jobs, 'r', 'down')).toBeUndefined();
    expect(moveTarget(jobs, 'd', 'up')).toBeUndefined();
  });
});
