import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StudioError } from '../../../../contract/errors.ts';
import { openSafetensors, readTensors } from './safetensors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function fileOf(header: string | object, values: Uint8Array = new Uint8Array()): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, values]);
}

async function write(bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, 'a.safetensors');
  await writeFile(file, bytes);
  return file;
}

const entry = (dtype: string, shape: readonly number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const fourFloats = new Uint8Array(new Float32Array([1, -2, 0.5, 3]).buffer);

describe('a safetensors file', () => {
  it('gives its metadata and its tensors, widened to float32', async () => {
    const values = Buffer.concat([
      fourFloats,
      Buffer.from(new Uint16Array([0x3c00, 0xc000]).buffer),
      Buffer.from(new Uint16Array([0x3f80, 0xc000]).buffer),
    ]);
    const header = {
      __metadata__: { ss_network_dim: '4' },
      b: entry('F16', [2], 16, 20),
      a: entry('F32', [2, 2], 0, 16),
      c: entry('BF16', [1, 2], 20, 24),
      none: entry('F32', [0], 24, 24),
    };
    const file = await openSafetensors(await write(fileOf(header, values)));
    expect(file.metadata).toEqual({ ss_network_dim: '4' });
    expect(file.tensors.get('a')?.dims).toEqual([2, 2]);
    const read = await readTensors(file, ['a', 'b', 'c', 'none']);
    expect(read.get('a')).toEqual(new Float32Array([1, -2, 0.5, 3]));
    expect(read.get('b')).toEqual(new Float32Array([1, -2]));
    expect(read.get('c')).toEqual(new Float32Array([1, -2]));
    expect(read.get('none')).toEqual(new Float32Array());
  });

  const one = entry('F32', [4], 0, 16);
  const tooLong = fileOf({ a: one }, fourFloats);
  tooLong.writeBigUInt64LE(2n ** 63n);
  it.each<[string, Uint8Array, RegExp, string | undefined]>([
    ['nothing', Buffer.alloc(3), /too short/, undefined],
    ['a header longer than the file', tooLong, /header says/, undefined],
    ['text instead of a header', fileOf('hello'), /not JSON/, undefined],
    ['a list for a header', fileOf('[1]'), /not a JSON object/, undefined],
    ['bytes that are no text', fileOf('{"\xff'), /not JSON/, undefined],
    ['metadata that is not text', fileOf({ __metadata__: { a: 1 } }), /metadata/, undefined],
    [
      'bytes of no tensor',
      fileOf({ a: entry('F32', [2], 0, 8) }, fourFloats),
      /no tensor/,
      undefined,
    ],
    ['an unknown key', fileOf({ a: { ...one, extra: 1 } }, fourFloats), /does not fit/, 'a'],
    ['a negative dimension', fileOf({ a: entry('F32', [-4], 0, 16) }, fourFloats), /shape/, 'a'],
    ['an unknown type', fileOf({ a: entry('F12', [4], 0, 16) }, fourFloats), /"F12"/, 'a'],
    ['bytes beyond the end', fileOf({ a: one }, fourFloats.subarray(4)), /outside the file/, 'a'],
    [
      'bytes that run backwards',
      fileOf({ a: entry('F32', [4], 16, 0) }, fourFloats),
      /outside/,
      'a',
    ],
    ['a shape of other size', fileOf({ a: entry('F32', [3], 0, 16) }, fourFloats), /12 bytes/, 'a'],
    [
      'overlapping tensors',
      fileOf({ a: entry('F32', [3], 0, 12), b: entry('F32', [2], 8, 16) }, fourFloats),
      /overlap/,
      'b',
    ],
    ['a hole', fileOf({ a: entry('F32', [3], 4, 16) }, fourFloats), /hole/, 'a'],
    [
      'a key twice',
      fileOf(`{"a":${JSON.stringify(one)},"\\u0061":${JSON.stringify(one)}}`, fourFloats),
      /twice/,
      'a',
    ],
  ])('is refused with %s, named by file and tensor', async (_, bytes, why, tensor) => {
    const file = await write(bytes);
    await expect(openSafetensors(file)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(why),
      details: tensor === undefined ? { file } : { file, tensor },
    });
  });

  it('names a tensor whose values cannot be used, or that is missing', async () => {
    const file = await openSafetensors(
      await write(fileOf({ ids: entry('I64', [2], 0, 16) }, fourFloats)),
    );
    await expect(readTensors(file, ['ids'])).rejects.toMatchObject({
      message: expect.stringMatching(/"ids".*I64/),
    });
    await expect(readTensors(file, ['b'])).rejects.toMatchObject({ details: { tensor: 'b' } });
    await expect(openSafetensors(path.join(folder, 'none'))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('may hold a single whole number, such as an alpha', async () => {
    const file = await write(
      fileOf({ alpha: entry('I64', [], 0, 8) }, Buffer.from([8, 0, 0, 0, 0, 0, 0, 0])),
    );
    expect((await readTensors(await openSafetensors(file), ['alpha'])).get('alpha')).toEqual(
      Float32Array.of(8),
    );
  });

  it('is read back or refused, whatever its bytes', async () => {
    const whole = fileOf(
      { a: entry('F32', [2], 0, 8), b: entry('F16', [2, 2], 8, 16) },
      fourFloats,
    );
    const change = fc.record({
      at: fc.nat(whole.length - 1),
      byte: fc.nat(255),
      cut: fc.nat(whole.length),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, byte } of changes) bytes[at] = byte;
        const file = await write(bytes.subarray(0, Math.max(...changes.map(({ cut }) => cut))));
        try {
          const opened = await openSafetensors(file);
          const names = [...opened.tensors.keys()];
          for (const [name, values] of await readTensors(opened, names)) {
            const dims = opened.tensors.get(name)?.dims ?? [];
            expect(values).toHaveLength(dims.reduce((product, dim) => product * dim, 1));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(StudioError);
          expect(error).toMatchObject({ code: 'model-invalid', details: { file } });
        }
      }),
      { numRuns: 300 },
    );
  });
});
