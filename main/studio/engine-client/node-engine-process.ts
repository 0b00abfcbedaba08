/** Forks the engine under plain Node, for the loopback host, the CLI and tests. */
import { fork } from 'node:child_process';
import { StudioError } from '../../../contract/errors.ts';
import { createInbox } from '../../../contract/wire/inbox.ts';
import type { EngineProcess } from '../host-ports.ts';

/** The last part of what a dying engine printed is worth showing; more is not. */
const keptErrorCharacters = 2000;
/** How long after a disconnect the exit and its reason are waited for. */
const exitNoticeMs = 250;

const engineEntry = new URL(
  import.meta.url.endsWith('.ts') ? '../../engine/main.ts' : '../../engine/main.js',
  import.meta.url,
);

/**
 * @param entry the engine's main module, addressed and never imported
 * @returns the process at once; its readiness shows in its first answer
 */
export function forkNodeEngine(entry = engineEntry): EngineProcess {
  const child = fork(entry, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const inbox = createInbox();
  let errorText = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errorText = (errorText + chunk).slice(-keptErrorCharacters);
  });
  child.on('message', (frame) => inbox.deliver(frame));
  // A dying process disconnects first and says why only when it has exited.
  child.on('disconnect', () => {
    setTimeout(() => inbox.close('The engine closed its connection.'), exitNoticeMs).unref();
  });

  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('error', (error) => {
      inbox.close(`The engine could not be started: ${error.message}`);
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => {
      const lastLine = errorText.trim().split('\n').at(-1);
      inbox.close(
        `The engine ended (${signal ?? `code ${code}`})${lastLine ? `: ${lastLine}` : '.'}`,
      );
      resolve({ code, signal });
    });
  });

  return {
    pid: child.pid ?? null,
    exited,
    kill: () => void child.kill('SIGKILL'),
    transport: {
      get closed() {
        return inbox.closed;
      },
      send(frame) {
        if (inbox.closed || !child.connected) {
          throw new StudioError(
            'engine-stopped',
            'The engine is not running. It restarts by itself; try again.',
          );
        }
        child.send(frame, (error) => {
          if (error) inbox.close(`The engine cannot be reached: ${error.message}`);
        });
      },
      onFrame: inbox.onFrame,
      onClose: inbox.onClose,
      close(reason = 'The connection to the engine was closed.') {
        inbox.close(reason);
        if (child.connected) child.disconnect();
      },
    },
  };
}
