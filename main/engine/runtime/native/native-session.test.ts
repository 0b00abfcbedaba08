import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session, Value } from '../../session.ts';
import { tensor, type Tensor } from '../../tensor/tensor.ts';
import { model, node, valueInfo } from '../onnx-message.ts';
import type { Runtime } from '../runtime.ts';
import { runtimeNames, runtimeParts } from '../runtimes.fixture.ts';
import type { NativeRuntime } from './native-runtime.ts';
import { createNodeRuntime } from '../node-runtime.ts';

const groupedQueries = fileURLToPath(
  new URL('fixtures/tiny-grouped-queries.onnx', import.meta.url),
);
const settings = {
  provider: 'cpu',
  threads: 1,
  spinning: false,
  optimisation: 'all',
  saveOptimisedTo: null,
  weightsFolder: null,
} as const;

let runtime: NativeRuntime;
let portable: Runtime;
let folder: string;
let opened: Session[];
beforeAll(async () => {
  const { onnxruntime, native } = await runtimeParts('native');
  if (!native) throw new Error('no native runtime');
  runtime = native;
  portable = createNodeRuntime(onnxruntime);
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-native-'));
  opened = [];
});
afterAll(async () => {
  for (const session of opened) await session[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function open(graph: Uint8Array | string, on: Runtime = runtime): Promise<Session> {
  const source =
    typeof graph === 'string' ? { path: graph, bytes: null } : { path: 'a.onnx', bytes: graph };
  const session = await on.open(source, settings);
  opened.push(session);
  return session;
}

/** y = x + x */
const double = model(
  node('Add', ['x', 'x'], ['y']),
  valueInfo(11, 'x', 'float32', 'n'),
  valueInfo(12, 'y', 'float32', 'n'),
);

/** The same matrix product again and again: each node some milliseconds, all of them long. */
function longGraph(products: number): Uint8Array {
  const nodes = Array.from({ length: products }, (_, index) =>
    node(
      'MatMul',
      [index === 0 ? 'x' : `x${index}`, 'w'],
      [index === products - 1 ? 'y' : `x${index + 1}`],
    ),
  );
  return model(
    ...nodes,
    valueInfo(11, 'x', 'float32', 'n', 'n'),
    valueInfo(11, 'w', 'float32', 'n', 'n'),
    valueInfo(12, 'y', 'float32', 'n', 'n'),
  );
}

const floats = (...values: number[]): Tensor =>
  tensor('float32', Float32Array.from(values), [values.length]);
const square = (side: number): Tensor =>
  tensor('float32', new Float32Array(side * side).fill(1 / side), [side, side]);

async function floatsOf(value: Value | undefined): Promise<Float32Array> {
  const read = await value?.read();
  if (!(read?.data instanceof Float32Array)) throw new Error('no floats');
  return read.data;
}
const bytesOf = async (value: Value | undefined) => Buffer.from((await floatsOf(value)).buffer);

describe('one buffer for past and present', () => {
  const layers = ['0.key', '0.value', '1.key', '1.value'];
  const prompt = [3, 14, 15, 92, 65, 35];
  const steps = 20;
  /** [1, key/value heads, tokens, head size] */
  const cacheShape = (tokens: number) => [1, 2, tokens, 16];

  function inputs(tokenIds: readonly number[], total: number): Record<string, Tensor> {
    return {
      input_ids: tensor('int64', BigInt64Array.from(tokenIds, BigInt), [1, tokenIds.length]),
      attention_mask: tensor('int64', new BigInt64Array(total).fill(1n), [1, total]),
    };
  }

  const likeliest = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

  /** The logits after every step, each of the likeliest token before. */
  async function decodeShared(session: Session): Promise<Buffer[]> {
    using owned = new DisposableStack();
    const past: Record<string, Value> = {};
    const into: Record<string, Value> = {};
    for (const layer of layers) {
      const buffer = session.allocate('float32', cacheShape(prompt.length + steps));
      if (!buffer) throw new Error('no buffer');
      past[`past_key_values.${layer}`] = into[`present.${layer}`] = owned.use(buffer);
    }
    const all: Buffer[] = [];
    let total = 0;
    let next: readonly number[] = prompt;
    for (let step = 0; step < steps; step += 1) {
      total += next.length;
      const outputs = await session.run({ ...inputs(next, total), ...past }, { into });
      const logits = await bytesOf(outputs['logits']);
      for (const output of Object.values(outputs)) output[Symbol.dispose]();
      all.push(logits);
      next = [likeliest(new Float32Array(logits.buffer))];
    }
    return all;
  }

  /** As above, with what came out fed back in. */
  async function decodeGrowing(session: Session): Promise<Buffer[]> {
    let past: Record<string, Tensor | Value> = Object.fromEntries(
      layers.map((layer) => [
        `past_key_values.${layer}`,
        tensor('float32', new Float32Array(), cacheShape(0)),
      ]),
    );
    const all: Buffer[] = [];
    let total = 0;
    let next: readonly number[] = prompt;
    for (let step = 0; step < steps; step += 1) {
      total += next.length;
      const { logits, ...present } = await session.run({ ...inputs(next, total), ...past });
      const bytes = await bytesOf(logits);
      all.push(bytes);
      past = Object.fromEntries(
        Object.entries(present).map(([name, value]) => [
          name.replace('present.', 'past_key_values.'),
          value,
        ]),
      );
      next = [likeliest(new Float32Array(bytes.buffer))];
    }
    return all;
  }

  it('gives the same bytes as values that grow, on both runtimes', async () => {
    const session = await open(groupedQueries);
    const shared = await decodeShared(session);
    expect(await decodeGrowing(session)).toEqual(shared);
    expect(await decodeGrowing(await open(groupedQueries, portable))).toEqual(shared);
    expect(new Set(shared.map((logits) => logits.toString('base64'))).size).toBeGreaterThan(1);
  });

  it.each(runtimeNames)(
    'gives the same bytes whether threads sleep or spin, on %s',
    async (name) => {
      const on = name === 'native' ? runtime : portable;
      const decode = name === 'native' ? decodeShared : decodeGrowing;
      const source = { path: groupedQueries, bytes: null };
      await using sleeping = await on.open(source, { ...settings, threads: 2 });
      await using spinning = await on.open(source, { ...settings, threads: 2, spinning: true });
      expect(await decode(spinning)).toEqual(await decode(sleeping));
      expect(await decode(sleeping)).toEqual(await decodeGrowing(await open(groupedQueries)));
    },
  );

  it('cannot be had from onnxruntime-node, which says so', async () => {
    const session = await open(groupedQueries, portable);
    expect(session.allocate('float32', cacheShape(8))).toBeNull();
  });
});

describe('a native value', () => {
  it('takes an output over, of which nothing else is returned', async () => {
    const session = await open(double);
    using target = session.allocate('float32', [3]);
    if (!target) throw new Error('no target');
    expect(await session.run({ x: floats(1, 2, NaN) }, { into: { y: target } })).toEqual({});
    expect(await target.read()).toEqual(floats(2, 4, NaN));
    await session.run({ x: target }, { into: { y: target } });
    expect(await target.read()).toEqual(floats(4, 8, NaN));
  });

  it('is read as a copy that later runs leave alone', async () => {
    const session = await open(double);
    using target = session.allocate('float32', [1]);
    if (!target) throw new Error('no target');
    const before = await target.read();
    await session.run({ x: floats(4) }, { into: { y: target } });
    expect(before).toEqual(floats(0));
  });

  it('may be disposed twice, and is an error afterwards, not a crash', async () => {
    const session = await open(double);
    const { y } = await session.run({ x: floats(1) });
    if (!y) throw new Error('no output');
    y[Symbol.dispose]();
    y[Symbol.dispose]();
    const disposed = { code: 'internal', message: expect.stringContaining('disposed') };
    await expect(y.read()).rejects.toMatchObject(disposed);
    await expect(session.run({ x: y })).rejects.toMatchObject(disposed);
    await expect(session.run({ x: floats(1) }, { into: { y } })).rejects.toMatchObject(disposed);
  });

  it('may be empty', async () => {
    const session = await open(double);
    const { y } = await session.run({ x: floats() });
    expect(await y?.read()).toEqual(floats());
    using target = session.allocate('float32', [0]);
    if (!target) throw new Error('no target');
    await session.run({ x: floats() }, { into: { y: target } });
    expect(await target.read()).toEqual(floats());
  });

  it('of one runtime is read where it is fed to the other', async () => {
    const here = await open(double);
    const there = await open(double, portable);
    const { y: native } = await here.run({ x: floats(1) });
    if (!native) throw new Error('no output');
    const { y: copied } = await there.run({ x: native });
    if (!copied) throw new Error('no output');
    const { y } = await here.run({ x: copied });
    expect(await y?.read()).toEqual(floats(8));
    await expect(here.run({ x: floats(1) }, { into: { y: copied } })).rejects.toThrow(
      "another runtime's value",
    );
  });

  it('takes outputs of its own shape and type alone', async () => {
    const session = await open(double);
    using longer = session.allocate('float32', [4]);
    using whole = session.allocate('int64', [3]);
    if (!longer || !whole) throw new Error('no target');
    const x = floats(1, 2, 3);
    await expect(session.run({ x }, { into: { y: longer } })).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('a.onnx'),
    });
    await expect(session.run({ x }, { into: { y: whole } })).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('makes float32 as "y", not int64'),
    });
    await expect(session.run({ x }, { into: { z: longer } })).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('no output "z"'),
    });
    const { y } = await session.run({ x });
    expect(await y?.read()).toEqual(floats(2, 4, 6));
  });

  it('takes one output at a time', async () => {
    const twice = model(
      node('Add', ['x', 'x'], ['y']),
      node('Mul', ['x', 'x'], ['z']),
      valueInfo(11, 'x', 'float32', 'n'),
      valueInfo(12, 'y', 'float32', 'n'),
      valueInfo(12, 'z', 'float32', 'n'),
    );
    const session = await open(twice);
    using target = session.allocate('float32', [1]);
    if (!target) throw new Error('no target');
    const into = { y: target, z: target };
    await expect(session.run({ x: floats(3) }, { into })).rejects.toMatchObject({
      code: 'internal',
    });
    await session.run({ x: floats(3) }, { into: { z: target }, outputs: ['z'] });
    expect(await target.read()).toEqual(floats(9));
  });
});

describe('what the native side would crash on', () => {
  const forged = (type: string, data: object, dims: readonly number[]) =>
    ({ type, data, dims }) as unknown as Tensor;

  it.each([
    ['too few elements', forged('float32', new Float32Array(1), [1000])],
    ['elements of another size', forged('float32', new Uint8Array(2), [2])],
    ['a negative size', forged('float32', new Float32Array(), [-1])],
    ['half an element', forged('float32', new Float32Array(1), [1.5])],
    ['no number', forged('float32', new Float32Array(1), [NaN])],
  ])('is refused: %s', async (_name, x) => {
    const session = await open(double);
    await expect(session.run({ x })).rejects.toMatchObject({ code: 'internal' });
  });

  it('is refused: memory that could shrink', async () => {
    const session = await open(double);
    const data = new Float32Array(new ArrayBuffer(8, { maxByteLength: 16 }));
    await expect(session.run({ x: tensor('float32', data, [2]) })).rejects.toThrow(RangeError);
  });

  it('is refused: more memory than there is', async () => {
    const session = await open(double);
    expect(() => session.allocate('float32', [2 ** 50])).toThrow(
      expect.objectContaining({ code: 'out-of-memory' }),
    );
    expect(() => session.allocate('float32', [-1])).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });

  it('is refused: a session after its release, which may come twice', async () => {
    const session = await runtime.open({ path: 'a.onnx', bytes: double }, settings);
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    await expect(session.run({ x: floats(1) })).rejects.toMatchObject({ code: 'internal' });
  });

  it('is refused: a graph that is none, and a file that is not there', async () => {
    const damaged = new TextEncoder().encode('damaged');
    await expect(open(damaged)).rejects.toThrow(/protobuf/i);
    await expect(open(path.join(folder, 'none.onnx'))).rejects.toThrow('none.onnx');
  });

  it('opens a graph whose path is not ASCII', async () => {
    const file = path.join(folder, '猫 é.onnx');
    await writeFile(file, double);
    const { y } = await (await open(file)).run({ x: floats(1) });
    expect(await y?.read()).toEqual(floats(2));
  });
});

describe('a native run', () => {
  it('leaves the thread to others', async () => {
    const session = await open(longGraph(60));
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 2);
    const { y } = await session.run({ x: square(512), w: square(512) });
    clearInterval(ticking);
    expect(await y?.read()).toMatchObject({ dims: [512, 512] });
    expect(ticks).toBeGreaterThan(3);
  });

  it('ends in the middle when cancelled, and the session goes on', async () => {
    const session = await open(longGraph(400));
    const controller = new AbortController();
    const feeds = { x: square(512), w: square(512) };
    const run = session.run(feeds, { signal: controller.signal });
    const outcome = run.catch((error: unknown) => error);
    await sleep(50);
    const abortedMs = performance.now();
    controller.abort();
    expect(await outcome).toMatchObject({ code: 'cancelled' });
    // The whole would take a second and more; one product takes some milliseconds.
    expect(performance.now() - abortedMs).toBeLessThan(300);
    const short = { x: square(4), w: square(4) };
    await expect(session.run(short)).resolves.toHaveProperty('y');
  });

  it('ends with all others when the process is to end', async () => {
    const session = await open(longGraph(400));
    const feeds = { x: square(512), w: square(512) };
    const runs = [session.run(feeds), session.run(feeds)].map((run) =>
      run.catch((error: unknown) => error),
    );
    await sleep(50);
    const interruptedMs = performance.now();
    runtime.interrupt();
    for (const outcome of await Promise.all(runs))
      expect(outcome).toMatchObject({ code: 'model-invalid' });
    expect(performance.now() - interruptedMs).toBeLessThan(300);
  });

  it('keeps what it reads and writes though all of it is disposed meanwhile', async () => {
    const session = await open(longGraph(30));
    const target = session.allocate('float32', [256, 256]);
    const { y: w } = await session.run({ x: square(256), w: square(256) });
    if (!target || !w) throw new Error('no values');
    const run = session.run({ x: w, w });
    const writing = session.run({ x: w, w }, { into: { y: target } });
    w[Symbol.dispose]();
    target[Symbol.dispose]();
    const closing = session[Symbol.asyncDispose]();
    const { y } = await run;
    expect(await writing).toEqual({});
    await closing;
    // 1/n times an n × n matrix of ones is itself, however often.
    const values = await floatsOf(y);
    expect(values.every((value) => Math.abs(value - 1 / 256) < 1e-6)).toBe(true);
  });

  it('waits for nobody on the processor while the devices are held', async () => {
    using _devices = await runtime.holdDevices();
    const { y } = await (await open(double)).run({ x: floats(1) });
    expect(await y?.read()).toEqual(floats(2));
  });

  it('may be one of many at once', async () => {
    const session = await open(double);
    const sums = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const { y } = await session.run({ x: floats(index) });
        return (await floatsOf(y))[0];
      }),
    );
    expect(sums).toEqual(Array.from({ length: 300 }, (_, index) => 2 * index));
  });

  it('leaves no memory behind, 10,000 times', async () => {
    const session = await open(double);
    const x = tensor('float32', new Float32Array(1024).fill(1), [1024]);
    const controller = new AbortController();
    using target = session.allocate('float32', [1024]);
    if (!target) throw new Error('no target');
    const kinds = [{ signal: controller.signal }, { into: { y: target } }];
    async function runs(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1) {
        const { y } = await session.run({ x }, kinds[index % 2]);
        if (index % 4 === 0) await y?.read();
        y?.[Symbol.dispose]();
      }
    }
    await runs(2000);
    const before = process.memoryUsage.rss();
    await runs(10_000);
    // 4 KiB for each run would be 40 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(24 * 2 ** 20);
  });

  it('leaves no memory behind for good where nobody disposed what it made', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const session = await open(double);
    const x = tensor('float32', new Float32Array(2 ** 18).fill(1), [2 ** 18]);
    async function runs(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1) {
        await session.run({ x });
        if (index % 10 === 0) collect();
      }
    }
    await runs(50);
    const before = process.memoryUsage.rss();
    await runs(400);
    // 1 MiB each.
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 2 ** 20);
  });
});
