import { expect, it } from 'vitest';
import type { Job } from '../../../contract/queue.ts';
import type { BackgroundPace } from '../library/thumbnails/picture-work.ts';
import { paceBackground } from './background-pace.ts';

it('the background takes one core from when a job runs until none does', async () => {
  const paces: BackgroundPace[] = [];
  const states: readonly (readonly Job['state'][])[] = [
    ['done'],
    ['queued'],
    ['running', 'queued'],
    ['running'],
    ['done', 'done'],
    [],
    ['running'],
  ];
  const read: number[] = [];
  async function* snapshots() {
    for (const [at, each] of states.entries()) {
      yield { paused: false, jobs: each.map((state) => ({ state }) as Job) };
      read.push(at);
    }
  }
  await paceBackground(snapshots(), (pace) => paces.push(pace));
  expect(read).toHaveLength(states.length);
  expect(paces).toEqual(['one-core', 'all-cores', 'one-core']);
});
