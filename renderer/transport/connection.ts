/**
 * The window's one connection to the studio, which comes back by itself.
 *
 * Promises: while there is no transport every call rejects at once with `disconnected`; each
 * successful reconnect starts a new epoch, so that subscriptions know when to open again.
 */
import { StudioError } from '../../contract/errors.ts';
import { studioContract, type StudioClient } from '../../contract/studio.ts';
import { createClient } from '../../contract/wire/client.ts';
import type { Transport } from '../../contract/wire/transport.ts';
import { createStore, type Store } from '../app/store.ts';
import { retryDelayMs } from './retry-delay.ts';

export interface ConnectionState {
  readonly phase: 'connecting' | 'connected' | 'waiting';
  /** How many connections were made so far. */
  readonly epoch: number;
  /** Attempts in a row that failed. */
  readonly failures: number;
  /** Why the last connection or attempt ended; null before anything went wrong. */
  readonly reason: string | null;
}

export interface Connection {
  readonly client: StudioClient;
  readonly state: Store<ConnectionState>;
  /** Ends the current wait, if any. */
  retryNow(): void;
}

/** @param connect opens a transport or rejects; called again after every failure and every close */
export function createConnection(connect: () => Promise<Transport>): Connection {
  const state = createStore<ConnectionState>({
    phase: 'connecting',
    epoch: 0,
    failures: 0,
    reason: null,
  });
  let current: StudioClient | null = null;
  let endWait: () => void = () => {};

  async function keepConnected(): Promise<never> {
    let failures = 0;
    for (;;) {
      let reason: string;
      try {
        const transport = await connect();
        const closed = new Promise<string>((resolve) => transport.onClose(resolve));
        current = createClient(studioContract, transport);
        failures = 0;
        state.set(({ epoch }) => ({
          phase: 'connected',
          epoch: epoch + 1,
          failures,
          reason: null,
        }));
        reason = await closed;
      } catch (error) {
        reason = StudioError.from(error).message;
      }
      current = null;
      failures += 1;
      state.set(({ epoch }) => ({ phase: 'waiting', epoch, failures, reason }));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, retryDelayMs(failures));
        endWait = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      state.set(({ epoch }) => ({ phase: 'connecting', epoch, failures, reason }));
    }
  }
  void keepConnected();

  return { client: createDelegatingClient(() => current), state, retryNow: () => endWait() };
}

/** A client that is always there; its calls go to whatever connection is there when they are made. */
function createDelegatingClient(current: () => StudioClient | null): StudioClient {
  const procedures = Object.entries(studioContract).map(([name, procedure]) => [
    name,
    (input: never, options: object) => {
      const client = current();
      if (client) return client[name as keyof StudioClient](input, options);
      return procedure.kind === 'call' ? Promise.reject(disconnected()) : failingStream();
    },
  ]);
  // The record is built from the contract's own keys, so its type follows from them.
  return Object.fromEntries(procedures) as StudioClient;
}

function disconnected(): StudioError {
  return new StudioError(
    'disconnected',
    'The studio cannot be reached right now. Nothing was changed; try again once the window has reconnected.',
  );
}

// oxlint-disable-next-line require-yield -- it fails before the first item, as a dead stream does
async function* failingStream(): AsyncGenerator<never> {
  throw disconnected();
}
