/**
 * Work on a large mask in slices: between two of them the window draws, listens and can call it off.
 * What is worked on stays in this thread, so that a mask of 64 megapixels is neither copied nor locked.
 */
import { StudioError } from '../../../contract/errors.ts';

/** Yields the share that is done, 0 to 1, often enough that a step takes a few milliseconds. */
export type Sliced<T = void> = Generator<number, T, void>;

/** Short enough that a frame of 60 a second still has its turn. */
const sliceMs = 10;

/** All of it at once. */
export function finish<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** `work` as a part of something larger, from one share to another. */
export function* within<T>(work: Sliced<T>, from: number, to: number): Sliced<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    yield from + (to - from) * step.value;
  }
}

interface SliceOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/** @throws {StudioError} `cancelled`; the work has put back what it changed by then */
export async function inSlices<T>(
  work: Sliced<T>,
  { signal, onProgress }: SliceOptions,
): Promise<T> {
  let until = performance.now() + sliceMs;
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() < until) continue;
    onProgress?.(step.value);
    await nextTurn();
    if (signal.aborted) {
      work.return(undefined as never);
      throw new StudioError('cancelled', 'This was called off; the mask is as it was.');
    }
    until = performance.now() + sliceMs;
  }
}

/** After whatever waits: input and, at its time, a frame. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
