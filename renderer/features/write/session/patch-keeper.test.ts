import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPatchKeeper } from './patch-keeper.ts';

interface Note {
  readonly text: string;
  readonly depth: number;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('saves what was typed within a second, the changed fields alone, and lets go of them', async () => {
  const keeper = createPatchKeeper<Note>();
  const saved: Partial<Note>[] = [];
  keeper.setSave(async (changes) => {
    saved.push(changes);
    return true;
  });
  keeper.change({ text: 'a' });
  keeper.change({ text: 'ab' });
  expect(keeper.patch.get()).toEqual({ text: 'ab' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(saved).toEqual([{ text: 'ab' }]);
  expect(keeper.patch.get()).toEqual({});
});

it('keeps what could not be saved, and what was typed meanwhile', async () => {
  const keeper = createPatchKeeper<Note>();
  let works = false;
  const saved: Partial<Note>[] = [];
  keeper.setSave(async (changes) => {
    saved.push(changes);
    return works;
  });
  keeper.change({ text: 'a', depth: 2 });
  keeper.flush();
  await vi.advanceTimersByTimeAsync(0);
  expect(keeper.patch.get()).toEqual({ text: 'a', depth: 2 });
  works = true;
  keeper.change({ depth: 3 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(saved.at(-1)).toEqual({ text: 'a', depth: 3 });
  expect(keeper.patch.get()).toEqual({});
});
