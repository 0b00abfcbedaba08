import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import koffi, { type LibraryHandle } from 'koffi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindApi, tableVersion } from './api-table.ts';
import { onnxruntimeLibraryPath, unpacked } from './library-path.ts';
import { loadNativeRuntime } from './native-runtime.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-library-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the library', () => {
  it('is the one that onnxruntime-node ships', async () => {
    const load = await loadNativeRuntime();
    if (load.kind === 'unavailable') throw new Error(load.reason);
    using runtime = load.runtime;
    expect(runtime.version).toBe(tableVersion);
    expect(onnxruntimeLibraryPath()).toContain(path.join('onnxruntime-node', 'bin', 'napi-v6'));
  });

  it('lies beside the archive of a packaged studio', () => {
    const inside = path.join('/opt', 'Atelier', 'resources', 'app.asar', 'node_modules', 'a.so');
    expect(unpacked(inside)).toBe(
      path.join('/opt', 'Atelier', 'resources', 'app.asar.unpacked', 'node_modules', 'a.so'),
    );
    expect(unpacked(path.join('/home', 'app.asar-notes', 'a.so'))).toContain('app.asar-notes');
  });

  it('is done without where there is none, with the reason', async () => {
    expect(await loadNativeRuntime(null)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining(process.platform),
    });
    const missing = path.join(folder, 'none.so');
    const damaged = path.join(folder, 'damaged.so');
    await writeFile(damaged, 'damaged');
    for (const file of [missing, damaged]) {
      expect(await loadNativeRuntime(file)).toMatchObject({
        kind: 'unavailable',
        reason: expect.stringContaining(file),
      });
    }
  });
});

describe('its functions', () => {
  const version = koffi.proto('const char *', []);
  const api = koffi.proto('void *', ['uint32_t']);

  /** A library whose OrtGetApiBase gives these two. */
  function libraryOf(versionText: string, table: bigint | null) {
    const base = new BigUint64Array([
      koffi.register(() => table, koffi.pointer(api)),
      koffi.register(() => versionText, koffi.pointer(version)),
    ]);
    return { func: () => () => koffi.address(base) } as unknown as LibraryHandle;
  }

  it('are not called in another version than they are known for', () => {
    expect(() => bindApi(koffi, libraryOf('1.29.0', null))).toThrow(
      `The library is onnxruntime 1.29.0, and its functions are known for ${tableVersion}.`,
    );
  });

  it('are not called where the version has none of them', () => {
    expect(() => bindApi(koffi, libraryOf(tableVersion, null))).toThrow('gave no functions');
  });

  it('are not called where one is missing', () => {
    const empty = new BigUint64Array(400);
    const library = libraryOf(tableVersion, koffi.address(empty));
    expect(() => bindApi(koffi, library)).toThrow('function GetErrorCode is missing');
  });

  it('are not looked for in a library of something else', () => {
    const other = {
      func: () => {
        throw new Error('Cannot find function');
      },
    } as unknown as LibraryHandle;
    expect(() => bindApi(koffi, other)).toThrow('no OrtGetApiBase');
  });
});
