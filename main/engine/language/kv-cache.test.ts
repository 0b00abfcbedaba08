/** A cache in memory that the graph reads and writes: GroupQueryAttention takes past values with room to spare. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session, Value } from '../session.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { createDecoder } from './decoder.ts';
import type { SharedMemory } from './kv-cache.ts';
import { borrowTextSessions } from './text-sessions.ts';
import { goldenOf, openTinyModels, type TinyModels } from './tiny-models.fixture.ts';

let tiny: TinyModels;
beforeAll(async () => {
  tiny = await openTinyModels();
});
afterAll(() => tiny[Symbol.asyncDispose]());

/** Host memory that stands for the runtime's. */
class Lent implements Value {
  readonly type = 'float32';
  readonly dims: readonly number[];
  /** For the runtime alone. */
  readonly memory: Float32Array;
  reads = 0;
  isDisposed = false;

  constructor(dims: readonly number[]) {
    this.dims = dims;
    this.memory = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  }
  read(): Promise<Tensor> {
    this.reads += 1;
    return Promise.resolve(tensor('float32', this.memory.slice(), this.dims));
  }
  [Symbol.dispose](): void {
    this.isDisposed = true;
  }
}

/** Writes outputs where `into` says, as a runtime does that can. */
function writingInto(session: Session): Session {
  return {
    ...session,
    [Symbol.asyncDispose]: () => Promise.resolve(),
    async run(feeds, options = {}) {
      const readable = Object.entries(feeds).map(([name, feed]) => [
        name,
        feed instanceof Lent ? tensor('float32', feed.memory, feed.dims) : feed,
      ]);
      const outputs = await session.run(Object.fromEntries(readable), options);
      for (const [name, value] of Object.entries(options.into ?? {})) {
        const result = await outputs[name]?.read();
        if (!(value instanceof Lent) || !(result?.data instanceof Float32Array))
          throw new Error('Nothing to write, or nowhere.');
        expect(result.dims).toEqual(value.dims);
        value.memory.set(result.data);
      }
      return outputs;
    },
  };
}

describe.each(['smollm', 'qwen3'] as const)('shared memory with %s', (family) => {
  const golden = goldenOf(family);

  async function open(): Promise<{
    readonly lent: Lent[];
    readonly decoder: ReturnType<typeof createDecoder>;
    readonly close: () => Promise<void>;
  }> {
    const model = await tiny.load(family);
    const sessions = await borrowTextSessions(tiny.pool, model, null);
    const lent: Lent[] = [];
    const shared: SharedMemory = {
      capacity: 160,
      allocate(_type, dims) {
        const value = new Lent(dims);
        lent.push(value);
        return value;
      },
    };
    const decoder = createDecoder(writingInto(sessions.session), model, 16, shared);
    return { lent, decoder, close: async () => sessions[Symbol.asyncDispose]() };
  }
  const difference = (logits: Float32Array): number =>
    Math.max(...logits.map((value, index) => Math.abs(value - (golden.logits[index] ?? NaN))));

  it('gives the logits of transformers, and its values are never read', async () => {
    const { lent, decoder, close } = await open();
    await decoder.prefill(golden.promptIds.slice(0, 40));
    await decoder.forward([5]);
    await decoder.crop(40);
    expect(difference(await decoder.prefill(golden.promptIds.slice(40)))).toBeLessThan(1e-3);
    expect(lent.map(({ reads }) => reads)).toEqual([0, 0, 0, 0]);
    decoder[Symbol.dispose]();
    expect(lent.every(({ isDisposed }) => isDisposed)).toBe(true);
    await close();
  });

  it('is left by forks and rows, which are read out of it once', async () => {
    const { lent, decoder, close } = await open();
    await decoder.prefill(golden.promptIds.slice(0, 40));
    using fork = await decoder.fork();
    await decoder.forward([5]);
    expect(difference(await fork.prefill(golden.promptIds.slice(40)))).toBeLessThan(1e-3);
    await decoder.crop(40);
    await decoder.select([0, 0]);
    expect(decoder.batch).toBe(2);
    expect(lent.map(({ reads }) => reads)).toEqual([2, 2, 2, 2]);
    expect(lent.every(({ isDisposed }) => isDisposed)).toBe(true);
    const [row, other] = await decoder.forwardRows([7, 7]);
    expect(row).toEqual(other);
    decoder[Symbol.dispose]();
    await close();
  });
});

describe('a runtime that lends no memory', () => {
  it('is served by values that grow', async () => {
    const model = await tiny.load('smollm');
    await using sessions = await borrowTextSessions(tiny.pool, model, null);
    using decoder = createDecoder(sessions, model, 64, { capacity: 100, allocate: () => null });
    await decoder.prefill([1, 2, 3]);
    expect(decoder.length).toBe(3);
  });
});
