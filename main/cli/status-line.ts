/** One line on a terminal that says what is going on now. */
import type { WriteStream } from 'node:tty';
import type { Job } from '../../contract/queue.ts';

export interface StatusLine extends Disposable {
  show(text: string): void;
  clear(): void;
}

/** Silent where the stream is no terminal: nobody wants carriage returns in a log file. */
export function createStatusLine(stream: WriteStream): StatusLine {
  if (!stream.isTTY) return { show() {}, clear() {}, [Symbol.dispose]() {} };
  let isShown = false;
  const clear = (): void => {
    if (isShown) stream.write('\r\u001B[K');
    isShown = false;
  };
  return {
    show(text) {
      // A line that wraps could not be taken back by a carriage return.
      stream.write(`\r\u001B[K${text.slice(0, Math.max(1, stream.columns - 1))}`);
      isShown = true;
    },
    clear,
    [Symbol.dispose]: clear,
  };
}

/** @param ahead jobs that come before this one in the queue */
export function describeJob(job: Job, ahead: number): string {
  const { progress, request } = job;
  if (job.state === 'queued')
    return ahead === 0 ? 'waiting' : `waiting for ${ahead} other job${ahead === 1 ? '' : 's'}`;
  if (!progress) return job.state === 'running' ? 'starting' : '';
  const picture =
    request.count === 1 ? '' : `picture ${progress.picture + 1} of ${request.count}  `;
  switch (progress.phase) {
    case 'loading':
      return `${picture}loading the model`;
    case 'encoding':
      return `${picture}reading the prompt`;
    case 'denoising':
      return `${picture}step ${progress.step} of ${progress.steps}${pace(progress)}`;
    case 'decoding':
      return `${picture}decoding`;
    case 'upscaling':
      return `${picture}enlarging`;
    case 'saving':
      return `${picture}saving`;
    default:
      return progress.phase satisfies never;
  }
}

function pace({ stepsPerSecond, remainingMs }: NonNullable<Job['progress']>): string {
  const speed = stepsPerSecond === null ? '' : `  ${stepsPerSecond.toFixed(1)} steps/s`;
  return remainingMs === null ? speed : `${speed}  about ${duration(remainingMs)} left`;
}

/** Rounded up, in words. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
