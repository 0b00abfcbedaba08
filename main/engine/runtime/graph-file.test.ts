import { copyFile, mkdir, mkdtemp, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectGraphFile } from './graph-file.ts';
import { loadOnnxruntime } from './load-onnxruntime.ts';
import { integer, message, model, node, text, valueInfo } from './onnx-message.ts';

let folder: string;
let graphPath: string;
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'atelier-graph-')), 'model');
  await mkdir(folder);
  graphPath = path.join(folder, 'model.onnx');
});
afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

/** TensorProto: one float32 "w" of shape [1] whose bytes lie in another file. */
function externalTensor(field: number, location: string, length = 4): number[] {
  const entry = (key: string, value: string) => message(13, text(1, key), text(2, value));
  return message(
    field,
    integer(1, 1),
    integer(2, 1),
    text(8, 'w'),
    entry('location', location),
    entry('offset', '0'),
    entry('length', String(length)),
    integer(14, 1),
  );
}

const ends = [valueInfo(11, 'x', 'float32', 1), valueInfo(12, 'y', 'float32', 1)];
const graphWithWeights = (location: string, length?: number) =>
  model(node('Add', ['x', 'w'], ['y']), externalTensor(5, location, length), ...ends);

describe('inspecting a graph file', () => {
  it('reckons a graph with its weights beside it, which the runtime then really opens', async () => {
    await writeFile(graphPath, graphWithWeights('weights.bin'));
    await writeFile(path.join(folder, 'weights.bin'), new Uint8Array(new Float32Array([2]).buffer));
    const graph = await inspectGraphFile(graphPath);
    expect(graph.sizeBytes).toBe((await stat(graphPath)).size + 4);

    const onnxruntime = await loadOnnxruntime();
    const session = await onnxruntime.InferenceSession.create(graphPath);
    const x = new onnxruntime.Tensor('float32', new Float32Array([40]), [1]);
    expect((await session.run({ x }))['y']?.data).toEqual(new Float32Array([42]));
    await session.release();
  });

  it('knows another file by another fingerprint', async () => {
    await writeFile(graphPath, graphWithWeights('weights.bin'));
    await writeFile(path.join(folder, 'weights.bin'), new Uint8Array(4));
    const before = await inspectGraphFile(graphPath);
    await writeFile(path.join(folder, 'weights.bin'), new Uint8Array(8));
    expect((await inspectGraphFile(graphPath)).fingerprint).not.toBe(before.fingerprint);
  });

  it.each([
    '../secret.bin',
    'deeper/../../secret.bin',
    String.raw`..\secret.bin`,
    '/etc/passwd',
    String.raw`C:\secret.bin`,
    'c:secret.bin',
    String.raw`\\server\share\secret.bin`,
    '',
  ])('refuses weights at "%s" before anything opens them', async (location) => {
    await writeFile(path.join(path.dirname(folder), 'secret.bin'), new Uint8Array(4));
    await writeFile(graphPath, graphWithWeights(location));
    await expect(inspectGraphFile(graphPath)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('outside its own folder'),
    });
  });

  it('refuses weights that an attribute of an inner graph hides', async () => {
    const innerNode = message(1, message(5, text(1, 'value'), externalTensor(5, '../secret.bin')));
    const branch = message(5, text(1, 'then_branch'), message(6, innerNode));
    await writeFile(graphPath, model(message(1, text(4, 'If'), branch), ...ends));
    await expect(inspectGraphFile(graphPath)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  it('refuses a link that leads out of the folder', async () => {
    const secret = path.join(path.dirname(folder), 'secret.bin');
    await writeFile(secret, new Uint8Array(4));
    await symlink(secret, path.join(folder, 'weights.bin'));
    await writeFile(graphPath, graphWithWeights('weights.bin'));
    await expect(inspectGraphFile(graphPath)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('link'),
    });
  });

  it('names weights that are missing or cut short', async () => {
    await writeFile(graphPath, graphWithWeights('weights.bin', 400));
    await expect(inspectGraphFile(graphPath)).rejects.toThrow('"weights.bin" is missing');
    await writeFile(path.join(folder, 'weights.bin'), new Uint8Array(399));
    await expect(inspectGraphFile(graphPath)).rejects.toThrow('cut short (399 of 400 bytes)');
  });

  it('tells a missing file from a damaged one', async () => {
    await expect(inspectGraphFile(graphPath)).rejects.toMatchObject({ code: 'model-missing' });
    await expect(inspectGraphFile(folder)).rejects.toMatchObject({ code: 'model-missing' });
    await writeFile(graphPath, '');
    await expect(inspectGraphFile(graphPath)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  it('reads the starter models, and refuses them cut short', async () => {
    const starter = fileURLToPath(
      new URL('../../../models/starter/text/onnx/model.onnx', import.meta.url),
    );
    const { size } = await stat(starter);
    expect((await inspectGraphFile(starter)).sizeBytes).toBe(size);
    for (const kept of [1, 100, 5000, Math.floor(size / 2), size - 1]) {
      await copyFile(starter, graphPath);
      await truncate(graphPath, kept);
      await expect(inspectGraphFile(graphPath)).rejects.toMatchObject({ code: 'model-invalid' });
    }
  });

  it('survives any bytes', async () => {
    const sound = graphWithWeights('weights.bin');
    const damaged = fc
      .array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })
      .map((changes) => {
        const bytes = Uint8Array.from(sound);
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        await writeFile(graphPath, bytes);
        const outcome = await inspectGraphFile(graphPath).catch((error: unknown) => error);
        if (outcome instanceof Error)
          expect(outcome).toMatchObject({ name: 'StudioError', code: 'model-invalid' });
      }),
      { numRuns: 300 },
    );
  });
});
