/** Starts a library thread and calls it. */
import { MessageChannel, Worker } from 'node:worker_threads';
import { StudioError } from '../../../contract/errors.ts';
import type { Client, Contract } from '../../../contract/rpc.ts';
import { createClient } from '../../../contract/wire/client.ts';
import { createPortTransport } from '../../../contract/wire/port-transport.ts';
import { threadPort } from './thread-port.ts';

export interface LibraryThread<C extends Contract> {
  readonly client: Client<C>;
  /** Ends the thread; calls still pending reject. */
  end(): Promise<void>;
}

/** Calls reject with `disconnected` once the thread has ended, for whatever reason. */
export function startLibraryThread<C extends Contract>(contract: C, role: 'writer' | 'reader'): LibraryThread<C> {
  const { port1: here, port2: there } = new MessageChannel();
  const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
  const worker = new Worker(entry, { workerData: { role, port: there }, transferList: [there] });
  const transport = createPortTransport(threadPort(here));
  let failure = 'The library is closed.';
  worker.on('error', (error) => {
    failure = `The library stopped unexpectedly (${error instanceof Error ? error.message : String(error)}).`;
  });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      transport.close(failure);
      resolve();
    });
  });
  return {
    client: createClient(contract, transport, {
      closedError: () => new StudioError('disconnected', `${failure} Restart Atelier; all saved pictures are safe.`),
    }),
    async end() {
      await worker.terminate();
      await exited;
    },
  };
}
