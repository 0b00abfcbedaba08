import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { float16ToFloat32, float32ToFloat16 } from '../tensor/float16.ts';
import { tensor } from '../tensor/tensor.ts';
import { model, node, valueInfo } from './onnx-message.ts';
import { runtimeNames, runtimeParts } from './runtimes.fixture.ts';
import {
  createSessionPool,
  type OnnxSessionPool,
  type SessionPoolOptions,
} from './session-pool.ts';

const starter = fileURLToPath(
  new URL('../../../models/starter/text/onnx/model.onnx', import.meta.url),
);
const double = (type: 'float32' | 'float16', dim: number | string) =>
  model(
    node('Add', ['x', 'x'], ['y']),
    valueInfo(11, 'x', type, dim),
    valueInfo(12, 'y', type, dim),
  );

describe.each(runtimeNames)('on %s', (runtime) => {
  let parts: Awaited<ReturnType<typeof runtimeParts>>;
  let folder: string;
  let pools: OnnxSessionPool[];
  beforeAll(async () => {
    parts = await runtimeParts(runtime);
  });
  beforeEach(async () => {
    pools = [];
    folder = await mkdtemp(path.join(tmpdir(), 'atelier-pool-'));
  });
  afterEach(async () => {
    for (const pool of pools) await pool[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  function createPool(change: Partial<SessionPoolOptions> = {}): OnnxSessionPool {
    const pool = createSessionPool({
      ...parts,
      provider: 'cpu',
      threads: 1,
      memoryBudgetBytes: 2 ** 30,
      cacheFolder: path.join(folder, 'cache'),
      ...change,
    });
    pools.push(pool);
    return pool;
  }

  async function writeGraph(name: string, bytes = double('float32', 2)): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    return file;
  }

  const two = () => tensor('float32', new Float32Array([1, 2]), [2]);

  describe('a pool of sessions', () => {
    it('opens a graph again for short runs, with the same numbers', async () => {
      const pool = createPool({ threads: 2 });
      const file = await writeGraph('a.onnx');
      await using long = await pool.borrow('a', file);
      await using short = await pool.borrow('a', file, { runs: 'short' });
      expect(short.session).not.toBe(long.session);
      const [here, there] = await Promise.all(
        [short, long].map(({ session }) => session.run({ x: two() })),
      );
      expect(await here?.['y']?.read()).toEqual(await there?.['y']?.read());
      await pool.release('a');
      expect(pool.openGraphs).toEqual([]);
    });

    it('opens a graph once for all who ask at the same time', async () => {
      const pool = createPool();
      const file = await writeGraph('a.onnx');
      const [first, second] = await Promise.all([pool.borrow('a', file), pool.borrow('a', file)]);
      expect(first.session).toBe(second.session);
      await first[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
      const { y } = await second.session.run({ x: two() });
      expect(await y?.read()).toMatchObject({
        type: 'float32',
        dims: [2],
        data: new Float32Array([2, 4]),
      });
      await second[Symbol.asyncDispose]();
    });

    it('releases what was used longest ago when the budget is exceeded, but nothing on lease', async () => {
      const pool = createPool({ memoryBudgetBytes: 1 });
      const lease = await pool.borrow('leased', await writeGraph('a.onnx'));
      for (const name of ['b', 'c']) {
        await using _ = await pool.borrow(name, await writeGraph(`${name}.onnx`));
      }
      expect(pool.loadedModels).toEqual(['leased', 'c']);
      await expect(lease.session.run({ x: two() })).resolves.toHaveProperty('y');
      await lease[Symbol.asyncDispose]();
      expect(pool.loadedModels).toEqual(['leased']);
    });

    it('keeps everything that fits', async () => {
      const pool = createPool();
      for (const name of ['a', 'b']) {
        await using _ = await pool.borrow(name, await writeGraph(`${name}.onnx`));
      }
      expect(pool.loadedModels).toEqual(['a', 'b']);
      expect(pool.residentBytes).toBeGreaterThan(0);
      await pool.release('a');
      expect(pool.loadedModels).toEqual(['b']);
      await pool.release(null);
      expect(pool.residentBytes).toBe(0);
    });

    it('lets work on a released model end', async () => {
      const pool = createPool();
      const file = await writeGraph('a.onnx');
      const lease = await pool.borrow('a', file);
      await pool.release('a');
      await expect(lease.session.run({ x: two() })).resolves.toHaveProperty('y');
      await using fresh = await pool.borrow('a', file);
      expect(fresh.session).not.toBe(lease.session);
      await lease[Symbol.asyncDispose]();
      await expect(lease.session.run({ x: two() })).rejects.toThrow('released');
    });

    it('opens a file anew that changed on disk', async () => {
      const pool = createPool();
      const file = await writeGraph('a.onnx');
      {
        await using _ = await pool.borrow('a', file);
      }
      await writeGraph('a.onnx', double('float32', 3));
      await using lease = await pool.borrow('a', file);
      expect(lease.session.inputs).toEqual([{ name: 'x', type: 'float32', dims: [3] }]);
    });

    it('refuses a model that the memory cannot hold, with both sizes', async () => {
      const pool = createPool({ availableMemoryBytes: () => 5 * 2 ** 20 });
      await expect(pool.borrow('large', starter)).rejects.toMatchObject({
        code: 'out-of-memory',
        message: expect.stringMatching(/needs about 14 MB.*only 5 MB/),
      });
      expect(pool.loadedModels).toEqual([]);
    });

    it('tells a damaged graph from a missing one, and opens it once it is repaired', async () => {
      const pool = createPool();
      const file = path.join(folder, 'a.onnx');
      await expect(pool.borrow('a', file)).rejects.toMatchObject({ code: 'model-missing' });
      await writeGraph('a.onnx', model(node('NoSuchOperator', ['x'], ['y'])));
      await expect(pool.borrow('a', file)).rejects.toMatchObject({
        code: 'model-invalid',
        message: expect.stringContaining('a.onnx'),
      });
      await writeGraph('a.onnx');
      await using _ = await pool.borrow('a', file);
    });

    it('gives up waiting when aborted, and the session stays for the next', async () => {
      const pool = createPool();
      const controller = new AbortController();
      const opening = pool.borrow('a', starter, { signal: controller.signal });
      setImmediate(() => controller.abort());
      await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
      await using _ = await pool.borrow('a', starter);
      expect(pool.loadedModels).toEqual(['a']);
    });

    it('opens single parts on a provider of their own', async () => {
      const pool = createPool({ provider: 'cuda', partProviders: { unet: 'cpu' } });
      await mkdir(path.join(folder, 'unet'));
      await using unet = await pool.borrow('a', await writeGraph('unet/model.onnx'));
      expect(unet.session.provider).toBe('cpu');
      expect(pool.fallbacks.size).toBe(0);
      await using other = await pool.borrow('a', await writeGraph('model.onnx'));
      expect(other.session.provider === 'cpu').toBe(pool.fallbacks.size === 1);
      const turned = createPool({ partProviders: { unet: 'cuda' } });
      await using elsewhere = await turned.borrow('a', path.join(folder, 'unet/model.onnx'));
      expect(elsewhere.session.provider === 'cpu').toBe(turned.fallbacks.size === 1);
    });

    it('runs on the processor what the chosen provider cannot open, and says so', async () => {
      const pool = createPool({ provider: 'cuda' });
      await using lease = await pool.borrow('a', await writeGraph('a.onnx'));
      expect(lease.session.provider === 'cpu').toBe(pool.fallbacks.size === 1);
      await expect(lease.session.run({ x: two() })).resolves.toHaveProperty('y');
    });
  });

  describe('a session', () => {
    it('checks names, types and shapes before it runs, and names both shapes', async () => {
      await using lease = await createPool().borrow('a', await writeGraph('a.onnx'));
      const { session } = lease;
      const invalid = (message: string) => ({
        code: 'model-invalid',
        message: expect.stringContaining(message),
      });
      await expect(session.run({})).rejects.toMatchObject(invalid('needs the input "x"'));
      await expect(session.run({ x: two(), z: two() })).rejects.toMatchObject(
        invalid('no input "z"'),
      );
      await expect(
        session.run({ x: tensor('int64', new BigInt64Array(2), [2]) }),
      ).rejects.toMatchObject(invalid('wants float32 for the input "x", not int64'));
      await expect(
        session.run({ x: tensor('float32', new Float32Array(3), [3]) }),
      ).rejects.toMatchObject(invalid('the shape [2] for the input "x", not [3]'));
      await expect(session.run({ x: two() }, { outputs: ['q'] })).rejects.toMatchObject(
        invalid('no output "q"'),
      );
    });

    it('refuses a view of a larger buffer, which the runtime would misread', async () => {
      await using lease = await createPool().borrow('a', await writeGraph('a.onnx'));
      const view = new Float32Array([9, 1, 2]).subarray(1);
      await expect(lease.session.run({ x: tensor('float32', view, [2]) })).rejects.toThrow(
        RangeError,
      );
    });

    it('does not run when aborted', async () => {
      await using lease = await createPool().borrow('a', await writeGraph('a.onnx'));
      const run = lease.session.run({ x: two() }, { signal: AbortSignal.abort() });
      await expect(run).rejects.toMatchObject({ code: 'cancelled' });
      expect(lease.session.runMs).toBe(0);
    });

    it('takes float16 in and gives it out', async () => {
      await using lease = await createPool().borrow(
        'a',
        await writeGraph('a.onnx', double('float16', 'n')),
      );
      const halves = float32ToFloat16(new Float32Array([0.5, -3, 1000]));
      const { y } = await lease.session.run({ x: tensor('float16', halves, [3]) });
      const doubled = await y?.read();
      expect(doubled?.type).toBe('float16');
      expect(float16ToFloat32(doubled?.data as Uint16Array)).toEqual(
        new Float32Array([1, -6, 2000]),
      );
    });

    it('takes its own outputs as inputs', async () => {
      await using lease = await createPool().borrow('a', await writeGraph('a.onnx'));
      const first = await lease.session.run({ x: two() });
      if (!first['y']) throw new Error('no output');
      const second = await lease.session.run({ x: first['y'] });
      expect((await second['y']?.read())?.data).toEqual(new Float32Array([4, 8]));
      first['y'][Symbol.dispose]();
      await expect(lease.session.run({ x: first['y'] })).rejects.toThrow('disposed');
    });
  });

  describe('optimised graphs on disk', () => {
    const entriesOf = async (extension: string) =>
      (await readdir(path.join(folder, 'cache', 'graphs'))).filter((name) =>
        name.endsWith(extension),
      );

    async function openStarter(): Promise<Float32Array> {
      await using pool = createPool();
      await using lease = await pool.borrow('starter', starter);
      const feeds = Object.fromEntries(
        lease.session.inputs.map(({ name, dims }) => {
          if (name.startsWith('past'))
            return [
              name,
              tensor(
                'float32',
                new Float32Array(),
                dims.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? 1 : 0)),
              ),
            ];
          return [name, tensor('int64', new BigInt64Array([1n]), [1, 1])];
        }),
      );
      const { logits } = await lease.session.run(feeds);
      return (await logits?.read())?.data as Float32Array;
    }

    it('give the same numbers, and are rebuilt when damaged', async () => {
      const fresh = await openStarter();
      const [entry] = await entriesOf('.onnx');
      if (!entry) throw new Error('nothing was cached');
      expect(await openStarter()).toEqual(fresh);

      for (const file of [entry, entry.replace('.onnx', '.json')]) {
        await writeFile(path.join(folder, 'cache', 'graphs', file), 'damaged');
        expect(await openStarter()).toEqual(fresh);
      }
      expect(await entriesOf('.tmp')).toEqual([]);
    });

    it('are done without where the folder cannot be written', async () => {
      const blocked = path.join(folder, 'file');
      await writeFile(blocked, '');
      const pool = createPool({ cacheFolder: blocked });
      await using lease = await pool.borrow('starter', starter);
      expect(lease.session.provider).toBe('cpu');
    });
  });
});
