/** A cache in memory that the graph reads and writes: GroupQueryAttention takes past values with room to spare. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session, Value } from '../session.ts';
import { runtimeNames } from '../runtime/runtimes.fixture.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { createDecoder, type Decoder } from './decoder.ts';
import { type AllocateValue, cacheParts } from './kv-cache.ts';
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
      const { into = {}, ...others } = options;
      const outputs = await session.run(Object.fromEntries(readable), others);
      for (const [name, value] of Object.entries(into)) {
        const result = await outputs[name]?.read();
        if (!(value instanceof Lent) || !(result?.data instanceof Float32Array))
          throw new Error('Nothing to write, or nowhere.');
        expect(result.dims).toEqual(value.dims);
        value.memory.set(result.data);
      }
      return Object.fromEntries(Object.entries(outputs).filter(([name]) => !(name in into)));
    },
  };
}

describe.each(['smollm', 'qwen3'] as const)('shared memory with %s', (family) => {
  const golden = goldenOf(family);
  /** Of the keys and values of two layers, and of what the logits of single tokens go into. */
  const reads = [0, 0, 0, 0, 1];

  async function withDecoder(
    check: (decoder: Decoder, lent: readonly Lent[]) => Promise<void>,
  ): Promise<void> {
    const model = { ...(await tiny.load(family)), contextLength: 1000 };
    await using sessions = await borrowTextSessions(tiny.pool, model, null);
    const lent: Lent[] = [];
    const allocate: AllocateValue = (_type, dims) => {
      const value = new Lent(dims);
      lent.push(value);
      return value;
    };
    {
      using decoder = createDecoder(
        { session: writingInto(sessions.session), allocate },
        model,
        16,
      );
      await check(decoder, lent);
    }
    expect(lent.every(({ isDisposed }) => isDisposed)).toBe(true);
  }
  const difference = (logits: Float32Array): number =>
    Math.max(...logits.map((value, index) => Math.abs(value - (golden.logits[index] ?? NaN))));

  it('gives the logits of transformers, and its values are never read', () =>
    withDecoder(async (decoder, lent) => {
      await decoder.prefill(golden.promptIds.slice(0, 40));
      await decoder.forward([5]);
      await decoder.crop(40);
      expect(difference(await decoder.prefill(golden.promptIds.slice(40)))).toBeLessThan(1e-3);
      expect(lent.map((value) => value.reads)).toEqual(reads);
    }));

  it('is read once for a fork and once for other rows', () =>
    withDecoder(async (decoder, lent) => {
      await decoder.prefill(golden.promptIds.slice(0, 40));
      using fork = await decoder.fork();
      await decoder.forward([5]);
      expect(difference(await fork.prefill(golden.promptIds.slice(40)))).toBeLessThan(1e-3);
      await decoder.crop(40);
      await decoder.select([0, 0]);
      expect(decoder.batch).toBe(2);
      expect(lent.slice(0, 4).map(({ reads }) => reads)).toEqual([2, 2, 2, 2]);
      const [row, other] = await decoder.forwardRows([7, 7]);
      expect(row).toEqual(other);
      await decoder.select([1]);
      await decoder.crop(40);
      expect(difference(await decoder.prefill(golden.promptIds.slice(40)))).toBeLessThan(1e-3);
    }));

  it('grows where a text outgrows it', () =>
    withDecoder(async (decoder, lent) => {
      const text = Array.from({ length: 300 }, (_none, index) => 10 + (index % 200));
      await decoder.prefill(text);
      expect(lent).toHaveLength(8);
      const grown = await decoder.forward([7]);
      const model = await tiny.load(family);
      await using sessions = await borrowTextSessions(tiny.pool, model, null);
      using plain = createDecoder(sessions.session, model, 16);
      await plain.prefill(text);
      expect(grown).toEqual(await plain.forward([7]));
    }));
});

describe('layers of a model', () => {
  it('may differ in heads, sizes and types', () => {
    const layer = (
      index: number,
      type: 'float32' | 'float16',
      heads: number | string,
      size: number,
    ) =>
      (['key', 'value'] as const).map((part) => ({
        past: {
          name: `past_key_values.${index}.${part}`,
          type,
          dims: ['batch', heads, 'past', size],
        },
        present: { name: `present.${index}.${part}`, type, dims: [] },
      }));
    const layers = [...layer(0, 'float32', 1, 8), ...layer(1, 'float16', 'heads', 16)];
    const session = {
      inputs: layers.map(({ past }) => past),
      outputs: layers.map(({ present }) => present),
    };
    const parts = cacheParts(session, { keyValueHeads: 4, headSize: 8 });
    expect(parts.map(({ type, heads, headSize }) => [type, heads, headSize])).toEqual([
      ['float32', 1, 8],
      ['float32', 1, 8],
      ['float16', 4, 16],
      ['float16', 4, 16],
    ]);
    expect(() => cacheParts(session, { keyValueHeads: null, headSize: null })).toThrow(
      expect.objectContaining({ code: 'model-invalid' }),
    );
  });
});

describe('on either runtime', () => {
  it('a graph that groups its queries writes where it reads if the runtime lends memory', async () => {
    const [native, portable] = await Promise.all(
      runtimeNames.map(async (runtime) => {
        await using models = await openTinyModels(runtime);
        const model = await models.load('smollm');
        await using sessions = await borrowTextSessions(models.pool, model, null);
        const { session } = sessions;
        const inPlace: number[] = [];
        const watched: Session = {
          ...session,
          [Symbol.asyncDispose]: () => Promise.resolve(),
          run(feeds, options) {
            const read = new Set<unknown>(Object.values(feeds));
            const written = Object.values(options?.into ?? {});
            inPlace.push(written.filter((value) => read.has(value)).length);
            return session.run(feeds, options);
          },
        };
        using decoder = createDecoder({ ...sessions, session: watched }, model);
        const logits = [await decoder.prefill([1, 2, 3, 4, 5])];
        for (const id of [6, 7, 8]) logits.push(await decoder.forward([id]));
        await decoder.crop(4);
        logits.push(await decoder.forward([9]));
        return { inPlace, logits };
      }),
    );
    expect(native?.inPlace).toEqual([4, 4, 4, 4, 4]);
    expect(portable?.inPlace).toEqual([0, 0, 0, 0, 0]);
    expect(native?.logits).toEqual(portable?.logits);
  });
});

describe('a runtime that lends no memory', () => {
  it('is served by values that grow', async () => {
    const model = await tiny.load('smollm');
    await using sessions = await borrowTextSessions(tiny.pool, model, null);
    using decoder = createDecoder({ ...sessions, allocate: () => null }, model);
    await decoder.prefill([1, 2, 3]);
    expect(decoder.length).toBe(3);
  });
});
