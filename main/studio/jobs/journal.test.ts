import { appendFile, mkdtemp, readFile, rm, truncate, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultImageOptions } from '../../../contract/image-options.ts';
import type { Job } from '../../../contract/queue.ts';
import { openJournal } from './journal.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-journal-'));
  file = path.join(folder, 'queue.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function job(number: number, change: Partial<Job> = {}): Job {
  return {
    id: `00000000-0000-4000-8000-00000000000${number}`,
    state: 'queued',
    request: {
      modelId: 'm',
      prompt: `picture ${number}`,
      negativePrompt: '',
      width: 64,
      height: 64,
      steps: 2,
      guidanceScale: 1,
      scheduler: 'ddim',
      sigmaSchedule: 'normal',
      seed: number,
      ...defaultImageOptions,
      count: 1,
      grid: null,
    },
    createdAt: number,
    startedAt: null,
    finishedAt: null,
    imageIds: [],
    progress: null,
    error: null,
    attempts: 0,
    ...change,
  };
}

async function restored() {
  const journal = await openJournal(file);
  await journal.close();
  return journal.restored;
}

describe('the queue journal', () => {
  it('is empty and not paused at first', async () => {
    expect(await restored()).toEqual({ paused: false, jobs: [] });
  });

  it('restores the last state of every job, the order, and the pause', async () => {
    const journal = await openJournal(file);
    await journal.append([1, 2, 3].map((number) => ({ type: 'job', job: job(number) })));
    await journal.append([{ type: 'job', job: job(1, { state: 'done', finishedAt: 9 }) }]);
    await journal.append([{ type: 'order', ids: [job(3).id, job(2).id] }]);
    await journal.append([{ type: 'paused', paused: true }]);
    await journal.close();
    const state = await restored();
    expect(state.paused).toBe(true);
    expect(state.jobs).toEqual([job(3), job(2), job(1, { state: 'done', finishedAt: 9 })]);
    expect((await restored()).jobs).toEqual(state.jobs);
  });

  it('forgets removed jobs, for good', async () => {
    const journal = await openJournal(file);
    await journal.append([
      { type: 'job', job: job(1) },
      { type: 'removed', id: job(1).id },
    ]);
    await journal.close();
    expect((await restored()).jobs).toEqual([]);
    expect(await readFile(file, 'utf8')).not.toContain('picture 1');
  });

  it('drops a last line that was cut off anywhere, and nothing else', async () => {
    const journal = await openJournal(file);
    await journal.append([{ type: 'job', job: job(1) }]);
    const { size: sizeOfFirst } = await stat(file);
    await journal.append([{ type: 'job', job: job(2) }]);
    await journal.close();
    const { size } = await stat(file);
    // From the last brace on: without its newline alone the line is still whole.
    for (let cut = size - 2; cut > sizeOfFirst; cut -= 37) {
      await truncate(file, cut);
      expect((await restored()).jobs).toEqual([job(1)]);
      const again = await openJournal(file);
      await again.append([{ type: 'job', job: job(2) }]);
      await again.close();
    }
  });

  it('skips lines that are not its own', async () => {
    const journal = await openJournal(file);
    await journal.append([{ type: 'job', job: job(1) }]);
    await journal.close();
    await appendFile(file, '{"type":"job","job":{}}\nnonsense\n\u0000\u0000\n');
    expect((await restored()).jobs).toEqual([job(1)]);
  });
});
