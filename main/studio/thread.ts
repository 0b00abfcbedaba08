/** Starts a worker thread that serves a contract, and calls it. */
import { MessageChannel, Worker } from 'node:worker_threads';
import { StudioError } from '../../contract/errors.ts';
import type { Client, Contract } from '../../contract/rpc.ts';
import { createClient } from '../../contract/wire/client.ts';
import { createPortTransport } from '../../contract/wire/port-transport.ts';
import { threadPort } from './thread-port.ts';

export interface Thread<C extends Contract> {
  readonly client: Client<C>;
  /** Ends the thread; calls still pending reject. */
  end(): Promise<void>;
}

/**
 * Calls reject with `disconnected` once the thread has ended, for whatever reason.
 * @param entry the thread's module; it finds its port as `workerData.port`, besides what `start` holds
 * @param title what the thread is, for messages, such as `The library`
 * @param advice what to do once it has ended by itself
 */
export function startThread<C extends Contract>(
  contract: C,
  entry: URL,
  title: string,
  start: Readonly<Record<string, string>> = {},
  advice = 'Restart Atelier; everything saved is safe.',
): Thread<C> {
  const { port1: here, port2: there } = new MessageChannel();
  const worker = new Worker(entry, {
    workerData: { ...start, port: there },
    transferList: [there],
  });
  const transport = createPortTransport(threadPort(here));
  let failure = `${title} is closed.`;
  worker.on('error', (error) => {
    failure = `${title} stopped unexpectedly (${error instanceof Error ? error.message : String(error)}).`;
  });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      transport.close(failure);
      resolve();
    });
  });
  return {
    client: createClient(contract, transport, {
      closedError: () => new StudioError('disconnected', `${failure} ${advice}`),
    }),
    async end() {
      await worker.terminate();
      await exited;
    },
  };
}
