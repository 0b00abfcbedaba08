/**
 * Fuzzing in a process of its own with bounded memory: every input is made from a seed and its number.
 *
 * A call that took longer than a quarter of the limit is timed again alone, five times, and the shortest counts:
 * other programs on the machine take time as well. A process that dies or does not answer is started anew, and the input that did
 * it is found by giving it the batch one by one.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { mutatePicture } from './mutate-picture.ts';
import { loadCorpus } from './metadata-target.ts';
import { createRandom } from './random.ts';

export interface BatchReport {
  readonly milliseconds: readonly number[];
  readonly failures: readonly { readonly index: number; readonly message: string }[];
  /** Of the process's memory at its peak, since before the first input. */
  readonly grownBytes: number;
}

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  readonly first?: number;
  readonly limitMs: number;
  readonly onProgress?: (done: number, soFar: FuzzReport) => void;
}

export interface FuzzFailure {
  /** The input's number. */
  readonly input: number;
  readonly message: string;
  readonly bytes: Uint8Array;
}

export interface FuzzReport {
  inputs: number;
  failures: FuzzFailure[];
  longestMs: number;
  longestInput: number;
  /** How many calls were timed again. */
  retimed: number;
  grownBytes: number;
  inputBytes: number;
}

const batchInputs = 200;
const batchBytes = 2 ** 20;
/** Milliseconds after which a batch is hanging: batches take a tenth of a second. */
const hangMs = 60_000;
const childFile = path.join(import.meta.dirname, 'metadata-child.ts');
const flags = ['--max-old-space-size=64', '--max-semi-space-size=2', '--expose-gc'];

class ChildDied extends Error {}

export async function fuzzMetadata(options: FuzzOptions): Promise<FuzzReport> {
  const { inputs, seed, first = 0, limitMs } = options;
  const corpus = await loadCorpus();
  const report: FuzzReport = {
    inputs: 0,
    failures: [],
    longestMs: 0,
    longestInput: -1,
    retimed: 0,
    grownBytes: 0,
    inputBytes: 0,
  };
  const makeBatch = (from: number): Uint8Array[] => {
    const batch: Uint8Array[] = [];
    let size = 0;
    for (
      let index = from;
      index < first + inputs && batch.length < batchInputs && size < batchBytes;
      index += 1
    ) {
      const bytes = mutatePicture(createRandom(seed, index), corpus);
      batch.push(bytes);
      size += bytes.length;
    }
    return batch;
  };
  let child = await startChild();
  try {
    let next = first;
    let batch = makeBatch(next);
    while (batch.length > 0) {
      const from = next;
      const own = batch;
      const answer = ask(child, own);
      // While the child reads these, the next are made.
      next += own.length;
      batch = makeBatch(next);
      let read: BatchReport | null = null;
      try {
        read = await answer;
      } catch (error) {
        if (!(error instanceof ChildDied)) throw error;
        child = await startChild();
      }
      if (read) await takeReport(read, own, from);
      else child = await findCulprit(own, from, child, report);
      report.inputs += own.length;
      report.inputBytes += own.reduce((sum, bytes) => sum + bytes.length, 0);
      options.onProgress?.(next - first, report);
    }
  } finally {
    child.kill('SIGKILL');
  }
  return report;

  async function takeReport(
    read: BatchReport,
    own: readonly Uint8Array[],
    from: number,
  ): Promise<void> {
    report.grownBytes = Math.max(report.grownBytes, read.grownBytes);
    for (const { index, message } of read.failures)
      report.failures.push({ input: from + index, message, bytes: own[index] ?? new Uint8Array() });
    for (const [index, measured] of read.milliseconds.entries()) {
      const bytes = own[index];
      if (!bytes || measured <= report.longestMs) continue;
      let shortest = measured;
      if (measured > limitMs / 4) {
        report.retimed += 1;
        for (let again = 0; again < 5; again += 1) {
          const { milliseconds } = await ask(child, [bytes]);
          shortest = Math.min(shortest, milliseconds[0] ?? shortest);
        }
      }
      if (shortest > limitMs)
        report.failures.push({
          input: from + index,
          message: `It took ${shortest.toFixed(1)} ms.`,
          bytes,
        });
      if (shortest <= report.longestMs) continue;
      report.longestMs = shortest;
      report.longestInput = from + index;
    }
  }
}

/** @returns a child that is alive */
async function findCulprit(
  batch: readonly Uint8Array[],
  from: number,
  started: ChildProcess,
  report: FuzzReport,
): Promise<ChildProcess> {
  let child = started;
  let found = 0;
  for (const [index, bytes] of batch.entries()) {
    try {
      await ask(child, [bytes]);
    } catch (error) {
      if (!(error instanceof ChildDied)) throw error;
      found += 1;
      report.failures.push({ input: from + index, message: error.message, bytes });
      child = await startChild();
    }
  }
  if (found === 0) {
    const bytes = Buffer.concat(batch);
    report.failures.push({
      input: from,
      message: 'The process died of this batch as a whole.',
      bytes,
    });
  }
  return child;
}

async function startChild(): Promise<ChildProcess> {
  const child = fork(childFile, [], { execArgv: flags, serialization: 'advanced' });
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess, batch: readonly Uint8Array[]): Promise<BatchReport> {
  const { promise, resolve, reject } = Promise.withResolvers<BatchReport>();
  const onMessage = (message: unknown) => resolve(message as BatchReport);
  const onExit = (code: number | null, signal: string | null) =>
    reject(new ChildDied(`The process ended with ${code ?? signal}.`));
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    reject(new ChildDied(`It hangs: no answer within ${hangMs / 1000} s.`));
  }, hangMs);
  child.once('message', onMessage);
  child.once('exit', onExit);
  child.send(batch);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.off('message', onMessage);
    child.off('exit', onExit);
  }
}
