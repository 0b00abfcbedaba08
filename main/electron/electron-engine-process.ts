/** Forks the engine as one of Electron's utility processes. */
import { fileURLToPath } from 'node:url';
import { utilityProcess } from 'electron';
import { StudioError } from '../../contract/errors.ts';
import { createInbox } from '../../contract/wire/inbox.ts';
import type { EngineProcess } from '../studio/host-ports.ts';

export function forkElectronEngine(entry: URL): EngineProcess {
  const child = utilityProcess.fork(fileURLToPath(entry), [], {
    serviceName: 'Atelier Engine',
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const inbox = createInbox();
  child.on('message', (frame: unknown) => inbox.deliver(frame));

  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code) => {
      inbox.close(`The engine ended (code ${code}).`);
      resolve({ code, signal: null });
    });
  });

  return {
    // Known only once the process runs; the engine's own report brings it.
    pid: child.pid ?? null,
    exited,
    kill: () => void child.kill(),
    transport: {
      get closed() {
        return inbox.closed;
      },
      send(frame) {
        if (inbox.closed)
          throw new StudioError(
            'engine-stopped',
            'The engine is not running. It restarts by itself; try again.',
          );
        // A utility process has no origin.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        child.postMessage(frame);
      },
      onFrame: inbox.onFrame,
      onClose: inbox.onClose,
      close: (reason = 'The connection to the engine was closed.') => inbox.close(reason),
    },
  };
}
