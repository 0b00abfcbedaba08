/**
 * The engine process: forked by Node (`child_process.fork`, serialization 'advanced') or by
 * Electron (`utilityProcess.fork`).
 *
 * Promises: speaks `engineContract` to its parent and to nobody else; ends when the parent is gone;
 * ends with code 1 and the reason on stderr when something is thrown that nobody catches.
 */
import { readdirSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { engineContract } from '../../contract/engine.ts';
import { serve } from '../../contract/wire/server.ts';
import { createEngineHandlers } from './handlers.ts';
import { connectToParent } from './parent-transport.ts';
import { loadOnnxruntime } from './runtime/load-onnxruntime.ts';
import { loadNativeRuntime, type NativeRuntimeLoad } from './runtime/native/native-runtime.ts';

function printError(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    // Synchronous, since the process ends right after; the cause goes last, where it is looked for.
    writeSync(2, `${text}\nThe engine failed: ${error instanceof Error ? error.message : text}\n`);
  } catch {
    // Nobody listens any more.
  }
}

/** What `setPriority` is asked for: Linux keeps priorities of threads, and later ones inherit them. */
function ownThreads(): readonly number[] {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid];
}

process.on('uncaughtException', (error) => {
  printError(error);
  process.exit(1);
});
// Ctrl-C reaches the whole group of a terminal; what to do about it is the parent's decision.
process.on('SIGINT', () => {});
// A window that is drawn while the engine computes goes first: it needs little, and in time.
try {
  for (const thread of ownThreads()) setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Where the system does not allow it the two share the processor evenly.
}
// Where memory runs out the kernel should end this process rather than the studio.
await writeFile('/proc/self/oom_score_adj', '500').catch(() => {});

const transport = connectToParent();
transport.onClose(() => process.exit(0));
const onnxruntime = await loadOnnxruntime();
const native: NativeRuntimeLoad =
  process.env['ATELIER_RUNTIME'] === 'onnxruntime-node'
    ? { kind: 'unavailable', reason: 'ATELIER_RUNTIME asks for onnxruntime-node.' }
    : await loadNativeRuntime();
process.on('exit', () => {
  if (native.kind === 'loaded') native.runtime.interrupt();
});
serve(engineContract, createEngineHandlers(onnxruntime, native), transport, {
  onInternalError: (name, error) =>
    printError(new Error(`${name}: ${error.message}`, { cause: error.cause })),
});
