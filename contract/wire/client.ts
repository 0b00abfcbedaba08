/**
 * The calling end of a contract.
 *
 * Promises: a call on a closed transport rejects at once; when the transport closes every pending
 * call and stream rejects; aborting rejects at once with `cancelled` and tells the other end;
 * leaving a `for await` early cancels the stream; outputs are parsed before anyone sees them.
 */
import { StudioError } from '../errors.ts';
import type { CallOptions, CallProcedure, Client, Contract, StreamProcedure } from '../rpc.ts';
import { CalleeFrame } from './frames.ts';
import { createStreamReceiver, type StreamReceiver } from './stream-receiver.ts';
import type { Transport } from './transport.ts';

export interface ClientOptions {
  /** What pending and later calls reject with once the transport is closed. */
  readonly closedError?: (reason: string) => StudioError;
}

interface Waiter {
  onFrame(frame: CalleeFrame): void;
  fail(error: StudioError): void;
}

interface Pending extends Waiter {
  /** Forgets the caller's abort signal, which may outlive the call by far. */
  release(): void;
}

export function createClient<C extends Contract>(
  contract: C,
  transport: Transport,
  options: ClientOptions = {},
): Client<C> {
  const closedError =
    options.closedError ??
    ((reason: string) => new StudioError('disconnected', `${reason} Reconnect and try again.`));
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closed: StudioError | null = null;

  transport.onClose((reason) => {
    closed = closedError(reason);
    const open = [...pending.values()];
    pending.clear();
    for (const entry of open) {
      entry.release();
      entry.fail(closed);
    }
  });
  transport.onFrame((received) => {
    const parsed = CalleeFrame.safeParse(received);
    if (!parsed.success) {
      transport.close('The other end sent a message that could not be read.');
      return;
    }
    const entry = pending.get(parsed.data.id);
    // A cancelled call may still be answered; that answer is nobody's.
    if (!entry) return;
    if (parsed.data.type !== 'item') {
      pending.delete(parsed.data.id);
      entry.release();
    }
    entry.onFrame(parsed.data);
  });

  /** Sends `call` and registers who waits for its answer; fails the waiter if that is impossible. */
  function start(
    name: string,
    input: unknown,
    waiter: Waiter,
    signal: AbortSignal | undefined,
  ): number {
    const id = nextId++;
    if (closed) {
      waiter.fail(closed);
      return id;
    }
    if (signal?.aborted) {
      waiter.fail(cancelled());
      return id;
    }
    const onAbort = () => {
      if (cancel(id)) waiter.fail(cancelled());
    };
    signal?.addEventListener('abort', onAbort);
    pending.set(id, { ...waiter, release: () => signal?.removeEventListener('abort', onAbort) });
    try {
      transport.send({ type: 'call', id, name, input });
    } catch (error) {
      forget(id);
      waiter.fail(StudioError.from(error));
    }
    return id;
  }

  function forget(id: number): boolean {
    pending.get(id)?.release();
    return pending.delete(id);
  }

  /** @returns false if the procedure had already been answered */
  function cancel(id: number): boolean {
    if (!forget(id)) return false;
    if (!transport.closed) transport.send({ type: 'cancel', id });
    return true;
  }

  function callProcedure(
    name: string,
    procedure: CallProcedure,
    input: unknown,
    { signal }: CallOptions,
  ) {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        fail: reject,
        onFrame(frame) {
          switch (frame.type) {
            case 'result': {
              const output = procedure.output.safeParse(frame.output);
              if (output.success) resolve(output.data);
              else reject(unreadable(name, output.error));
              return;
            }
            case 'error':
              reject(StudioError.fromBody(frame.error));
              return;
            case 'item':
            case 'end':
              reject(unreadable(name));
              return;
            default:
              frame satisfies never;
          }
        },
      };
      start(name, input, waiter, signal);
    });
  }

  function openStream(
    name: string,
    procedure: StreamProcedure,
    input: unknown,
    { signal }: CallOptions,
  ) {
    return {
      [Symbol.asyncIterator](): AsyncIterator<unknown> {
        let id = 0;
        const receiver: StreamReceiver = createStreamReceiver({
          consumed: (items) => {
            if (!transport.closed && pending.has(id)) transport.send({ type: 'credit', id, items });
          },
          abandoned: () => {
            cancel(id);
          },
        });
        const waiter: Waiter = {
          fail: receiver.fail,
          onFrame(frame) {
            switch (frame.type) {
              case 'item': {
                const item = procedure.item.safeParse(frame.item);
                if (item.success) receiver.push(item.data);
                else {
                  cancel(id);
                  receiver.fail(unreadable(name, item.error));
                }
                return;
              }
              case 'end':
                receiver.end();
                return;
              case 'error':
                receiver.fail(StudioError.fromBody(frame.error));
                return;
              case 'result':
                receiver.fail(unreadable(name));
                return;
              default:
                frame satisfies never;
            }
          },
        };
        id = start(name, input, waiter, signal);
        return receiver.iterator;
      },
    };
  }

  const procedures = Object.entries(contract).map(([name, procedure]) => [
    name,
    (input: unknown, callOptions: CallOptions = {}) =>
      procedure.kind === 'call'
        ? callProcedure(name, procedure, input, callOptions)
        : openStream(name, procedure, input, callOptions),
  ]);
  // The record is built from the contract's own keys, so its type follows from them.
  return Object.fromEntries(procedures) as Client<C>;
}

function cancelled(): StudioError {
  return new StudioError('cancelled', 'Cancelled.');
}

function unreadable(name: string, cause?: unknown): StudioError {
  return new StudioError('internal', `The answer to ${name} could not be read.`, undefined, {
    cause,
  });
}
