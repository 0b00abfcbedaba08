import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { StudioError } from '../errors.ts';
import { call, stream, type Handlers } from '../rpc.ts';
import { createClient } from './client.ts';
import { decodeFrame, encodeFrame } from './codec.ts';
import { initialCredit } from './frames.ts';
import { createInbox } from './inbox.ts';
import { createLocalTransportPair } from './local-transport.ts';
import { createPortTransport } from './port-transport.ts';
import { serve } from './server.ts';
import type { Transport } from './transport.ts';

const contract = {
  'echo.value': call(z.unknown(), z.unknown()),
  'echo.half': call(z.object({ even: z.number().int().multipleOf(2) }), z.number().int()),
  'wait.forever': call(z.object({}), z.object({})),
  'count.up': stream(z.object({ to: z.number().int() }), z.number()),
  'count.broken': stream(z.object({}), z.number()),
  'bytes.double': call(
    z.object({ bytes: z.instanceof(Uint8Array) }),
    z.object({ bytes: z.instanceof(Uint8Array) }),
  ),
} as const;

function makeHandlers(seen: { produced: number; aborted: number }): Handlers<typeof contract> {
  return {
    'echo.value': async (value) => value,
    'echo.half': async ({ even }) => even / 2,
    'wait.forever': (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          seen.aborted += 1;
          reject(new Error('a handler may fail in any way once it is aborted'));
        });
      }),
    'count.up': async function* ({ to }, { signal }) {
      try {
        for (let value = 0; value < to; value += 1) {
          seen.produced += 1;
          yield value;
        }
      } finally {
        if (signal.aborted) seen.aborted += 1;
      }
    },
    'count.broken': async function* () {
      yield 1;
      throw new StudioError('out-of-memory', 'No memory left. Close a model.', { needed: 12 });
    },
    'bytes.double': async ({ bytes }) => ({ bytes: new Uint8Array([...bytes, ...bytes]) }),
  };
}

/** Two ends that exchange encoded bytes, as sockets do. */
function createByteTransportPair(): readonly [Transport, Transport] {
  const left = createInbox();
  const right = createInbox();
  const end = (own: typeof left, other: typeof left): Transport => ({
    get closed() {
      return own.closed;
    },
    send(frame) {
      const encoded = encodeFrame(frame);
      queueMicrotask(() => other.deliver(decodeFrame(encoded)));
    },
    onFrame: own.onFrame,
    onClose: own.onClose,
    close(reason = 'closed') {
      own.close(reason);
      other.close(reason);
    },
  });
  return [end(left, right), end(right, left)];
}

function createPortTransportPair(): readonly [Transport, Transport] {
  const { port1, port2 } = new MessageChannel();
  return [createPortTransport(port1), createPortTransport(port2)];
}

describe.each([
  ['handed over in one process', createLocalTransportPair],
  ['encoded as bytes', createByteTransportPair],
  ['structured-cloned over a message port', createPortTransportPair],
])('a contract %s', (_name, createPair) => {
  function connect() {
    const seen = { produced: 0, aborted: 0 };
    const [near, far] = createPair();
    serve(contract, makeHandlers(seen), far);
    return { client: createClient(contract, near), near, far, seen };
  }

  it('answers calls, in parallel', async () => {
    const { client } = connect();
    const answers = await Promise.all([2, 4, 6].map((even) => client['echo.half']({ even })));
    expect(answers).toEqual([1, 2, 3]);
  });

  it('carries bytes as bytes', async () => {
    const { client } = connect();
    const { bytes } = await client['bytes.double']({ bytes: new Uint8Array([1, 2]) });
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect([...bytes]).toEqual([1, 2, 1, 2]);
  });

  it('refuses input of the wrong shape with a typed error that names the field', async () => {
    const { client } = connect();
    const failure = await client['echo.half']({ even: 3 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StudioError);
    expect(failure).toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('even'),
    });
  });

  it('streams every item in order and then ends', async () => {
    const { client } = connect();
    const received: number[] = [];
    for await (const value of client['count.up']({ to: 100 })) received.push(value);
    expect(received).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  it('delivers the items before a stream fails, then the typed error', async () => {
    const { client } = connect();
    const iterator = client['count.broken']({})[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await expect(iterator.next()).rejects.toMatchObject({
      code: 'out-of-memory',
      details: { needed: 12 },
    });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('lets a producer run no further ahead than its credit', async () => {
    const { client, seen } = connect();
    const iterator = client['count.up']({ to: 100_000 })[Symbol.asyncIterator]();
    await iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen.produced).toBeLessThanOrEqual(initialCredit + 2);
    await iterator.return?.();
  });

  it('cancels the producer when the reader leaves early', async () => {
    const { client, seen } = connect();
    for await (const value of client['count.up']({ to: 100_000 })) if (value === 3) break;
    await vi.waitFor(() => expect(seen.aborted).toBe(1));
  });

  it('rejects an aborted call at once and aborts its handler', async () => {
    const { client, seen } = connect();
    const controller = new AbortController();
    const waiting = client['wait.forever']({}, { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => expect(seen.aborted).toBe(1));
  });

  it('rejects everything pending, and every later call at once, when the connection closes', async () => {
    const { client, near, seen } = connect();
    const waiting = client['wait.forever']({});
    const iterator = client['count.up']({ to: 100_000 })[Symbol.asyncIterator]();
    await iterator.next();
    near.close('gone');
    await expect(waiting).rejects.toMatchObject({ code: 'disconnected' });
    await expect(client['echo.half']({ even: 2 })).rejects.toMatchObject({ code: 'disconnected' });
    await expect(
      (async () => {
        for (;;) if ((await iterator.next()).done) return;
      })(),
    ).rejects.toMatchObject({ code: 'disconnected' });
    await vi.waitFor(() => expect(seen.aborted).toBeGreaterThanOrEqual(1));
  });

  it('closes a connection that breaks the protocol, without throwing into its host', async () => {
    for (const frame of [
      { type: 'call', id: -1, name: 'echo.value', input: 1 },
      { type: 'nonsense' },
      { type: 'credit', id: 1, items: 0 },
      { type: 'call', id: 1, name: 'echo.value', input: 1, extra: true },
    ]) {
      const { near, far } = connect();
      near.send(frame);
      await vi.waitFor(() => expect(far.closed).toBe(true));
    }
  });

  it('ignores credit and cancellation for calls it does not know', async () => {
    const { client, near } = connect();
    near.send({ type: 'cancel', id: 77 });
    near.send({ type: 'credit', id: 78, items: 1 });
    expect(await client['echo.half']({ even: 2 })).toBe(1);
  });

  it('answers an unknown procedure, or one named like a property of Object, with an error', async () => {
    for (const name of ['no.such', 'constructor', '__proto__', 'toString']) {
      const { near, far } = connect();
      const answer = new Promise((resolve) => near.onFrame(resolve));
      near.send({ type: 'call', id: 1, name, input: {} });
      expect(await answer).toMatchObject({ type: 'error', error: { code: 'bad-request' } });
      expect(far.closed).toBe(false);
    }
  });
});

describe('the frame codec', () => {
  const jsonWithBytes = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  })).value;

  it('returns every frame as it was', () => {
    fc.assert(
      fc.property(jsonWithBytes, (value) => {
        expect(decodeFrame(encodeFrame({ type: 'item', id: 1, item: value }))).toEqual({
          type: 'item',
          id: 1,
          item: value,
        });
      }),
      { numRuns: 500 },
    );
  });

  it('refuses every truncation of a frame', () => {
    const encoded = encodeFrame({
      type: 'item',
      id: 1,
      item: { rgb: new Uint8Array([1, 2, 3]), more: 'text' },
    });
    for (let length = 0; length < encoded.length; length += 1) {
      expect(() => decodeFrame(encoded.subarray(0, length))).toThrow(StudioError);
    }
  });

  it('refuses or reads arbitrary bytes, and never fails otherwise', () => {
    const valid = encodeFrame({ type: 'item', id: 1, item: [new Uint8Array(9), 'x', { a: null }] });
    const corrupted = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((edits) => {
        const bytes = valid.slice();
        for (const [index, value] of edits) bytes[index] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), corrupted), (bytes) => {
        try {
          expect(decodeFrame(bytes)).toBeTypeOf('object');
        } catch (error) {
          expect(error).toBeInstanceOf(StudioError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('does not let a path reach the prototype', () => {
    const header = new TextEncoder().encode(
      JSON.stringify({
        frame: { a: null },
        bytes: [{ path: ['__proto__', 'polluted'], length: 0 }],
      }),
    );
    const encoded = new Uint8Array([1, 0, 0, 0, header.length, ...header]);
    expect(() => decodeFrame(encoded)).toThrow(/no place/);
    expect('polluted' in {}).toBe(false);
  });

  it('refuses a frame beyond the size limit before sending it', () => {
    expect(() => encodeFrame({ item: new Uint8Array(64 * 2 ** 20) })).toThrow(/exceeds the limit/);
  });
});
