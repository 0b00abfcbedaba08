/**
 * The serving end of a contract, for one connection.
 *
 * Promises: inputs are parsed before a handler sees them and outputs before they leave; a handler's
 * failure reaches only its caller; a frame that breaks the protocol closes this connection and
 * nothing else; when the transport closes every handler's signal aborts; a stream is pulled only
 * while the caller has credit, so a slow reader slows its producer instead of filling memory.
 */
import type { z } from 'zod';
import { StudioError } from '../errors.ts';
import type { CallProcedure, Contract, HandlerContext, Handlers, StreamProcedure } from '../rpc.ts';
import { CallerFrame, initialCredit, type CalleeFrame } from './frames.ts';
import type { Transport } from './transport.ts';

export interface ServeOptions {
  /** Procedures that may run at once on this connection. */
  readonly maxConcurrent?: number;
  /** Told of failures that are the program's own fault (`internal`), with their cause. */
  readonly onInternalError?: (name: string, error: StudioError) => void;
}

interface Running {
  readonly controller: AbortController;
  credit: number;
  /** Set while the stream waits for credit. */
  wake: (() => void) | null;
}

type AnyHandler = (
  input: unknown,
  context: HandlerContext,
) => Promise<unknown> | AsyncIterable<unknown>;

export function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  transport: Transport,
  { maxConcurrent = 256, onInternalError }: ServeOptions = {},
): void {
  const running = new Map<number, Running>();

  transport.onClose(() => {
    for (const entry of running.values()) entry.controller.abort();
  });
  transport.onFrame((received) => {
    const parsed = CallerFrame.safeParse(received);
    if (!parsed.success) {
      transport.close('A message could not be read.');
      return;
    }
    const frame = parsed.data;
    switch (frame.type) {
      case 'call':
        if (running.has(frame.id)) transport.close('A call reused the number of a running one.');
        else void run(frame.id, frame.name, frame.input);
        return;
      case 'cancel':
        running.get(frame.id)?.controller.abort();
        return;
      case 'credit': {
        const entry = running.get(frame.id);
        if (!entry) return;
        entry.credit += frame.items;
        entry.wake?.();
        return;
      }
      default:
        frame satisfies never;
    }
  });

  function send(frame: CalleeFrame): void {
    if (!transport.closed) transport.send(frame);
  }

  async function run(id: number, name: string, input: unknown): Promise<void> {
    const entry: Running = { controller: new AbortController(), credit: initialCredit, wake: null };
    try {
      if (running.size >= maxConcurrent) {
        throw new StudioError(
          'conflict',
          'Too many requests are running on this connection. Wait for one to end.',
        );
      }
      running.set(id, entry);
      const procedure = Object.hasOwn(contract, name) ? contract[name] : undefined;
      if (!procedure) throw new StudioError('bad-request', `There is no procedure "${name}".`);
      const parsedInput = parseInput(name, procedure.input, input);
      // The handler under this name has this procedure's types: `Handlers<C>` guarantees it.
      const handler = handlers[name] as AnyHandler;
      if (procedure.kind === 'call') {
        const output = await runCall(name, procedure, handler, parsedInput, entry);
        if (!entry.controller.signal.aborted) send({ type: 'result', id, output });
        else send({ type: 'error', id, error: cancelled().toBody() });
      } else {
        await runStream(id, name, procedure, handler, parsedInput, entry);
        send({ type: 'end', id });
      }
    } catch (thrown) {
      const error = entry.controller.signal.aborted ? cancelled() : StudioError.from(thrown);
      if (error.code === 'internal') onInternalError?.(name, error);
      try {
        send({ type: 'error', id, error: error.toBody() });
      } catch {
        // Not even the error can be sent: the caller learns of it through the closed connection.
        transport.close('An answer could not be sent.');
      }
    } finally {
      if (running.get(id) === entry) running.delete(id);
    }
  }

  async function runCall(
    name: string,
    procedure: CallProcedure,
    handler: AnyHandler,
    input: unknown,
    { controller }: Running,
  ): Promise<unknown> {
    const output = await (handler(input, { signal: controller.signal }) as Promise<unknown>);
    return checkOutput(name, procedure.output, output);
  }

  async function runStream(
    id: number,
    name: string,
    procedure: StreamProcedure,
    handler: AnyHandler,
    input: unknown,
    entry: Running,
  ): Promise<void> {
    const { signal } = entry.controller;
    const iterable = handler(input, { signal }) as AsyncIterable<unknown>;
    const iterator = iterable[Symbol.asyncIterator]();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(cancelled()), { once: true });
    });
    // Most streams end without being aborted; then nobody waits for this promise.
    aborted.catch(() => {});
    try {
      for (;;) {
        while (entry.credit === 0) {
          await Promise.race([new Promise<void>((resolve) => (entry.wake = resolve)), aborted]);
          entry.wake = null;
        }
        const result = await Promise.race([iterator.next(), aborted]);
        if (result.done) return;
        entry.credit -= 1;
        send({ type: 'item', id, item: checkOutput(name, procedure.item, result.value) });
      }
    } finally {
      // Not awaited: a producer that is slow to notice must not hold up the answer.
      iterator.return?.().catch(() => {});
    }
  }
}

function parseInput(name: string, schema: z.ZodType, input: unknown): unknown {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.map(String),
    message,
  }));
  const first = issues[0];
  const where = first && first.path.length > 0 ? `${first.path.join('.')}: ` : '';
  throw new StudioError(
    'bad-request',
    `${where}${first?.message ?? `The input of ${name} is not valid.`}`,
    { issues },
  );
}

function checkOutput(name: string, schema: z.ZodType, output: unknown): unknown {
  const parsed = schema.safeParse(output);
  if (parsed.success) return parsed.data;
  throw new StudioError(
    'internal',
    `${name} produced an answer of another shape than promised.`,
    undefined,
    {
      cause: parsed.error,
    },
  );
}

function cancelled(): StudioError {
  return new StudioError('cancelled', 'Cancelled.');
}
