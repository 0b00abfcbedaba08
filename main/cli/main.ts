#!/usr/bin/env node
/**
 * The studio from a terminal.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 130 cancelled with Ctrl-C (143 by SIGTERM, 141 when
 * the reader of standard output went away). Results go to standard output, everything else to
 * standard error; errors read `atelier: message`.
 */
import '../studio/thread-pool.ts';
import { CommanderError } from 'commander';
import { StudioError } from '../../contract/errors.ts';
import { ended } from './ending.ts';
import { createProgram } from './program.ts';

const exitCodes = {
  failure: 1,
  usage: 2,
  brokenPipe: 141,
  interrupted: 130,
  terminated: 143,
} as const;

const cancelling = new AbortController();
let cancelledWith: number | null = null;

/** The first time cancels and lets everything close; the second time leaves at once. */
function cancel(exitCode: number): void {
  if (cancelledWith !== null) process.exit(exitCode);
  cancelledWith = exitCode;
  cancelling.abort(exitCode === exitCodes.terminated ? ended : undefined);
}

process.on('SIGINT', () => cancel(exitCodes.interrupted));
process.on('SIGTERM', () => cancel(exitCodes.terminated));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  cancel(exitCodes.brokenPipe);
});

function exitCodeOf(thrown: unknown): number {
  if (cancelledWith !== null) return cancelledWith;
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : exitCodes.usage;
  const error = StudioError.from(thrown);
  if (error.code !== 'cancelled') console.error(`atelier: ${error.message}`);
  return error.code === 'bad-request' ? exitCodes.usage : exitCodes.failure;
}

try {
  const outcome = { exitCode: 0 };
  await createProgram({ signal: cancelling.signal, outcome }).parseAsync(process.argv);
  process.exitCode = cancelledWith ?? outcome.exitCode;
} catch (thrown) {
  process.exitCode = exitCodeOf(thrown);
}
if (cancelledWith === exitCodes.interrupted) process.stderr.write('atelier: cancelled\n');
