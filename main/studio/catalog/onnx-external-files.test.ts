import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onnxGraph, temporaryFolder } from './model.fixture.ts';
import { ModelProblem } from './model-problem.ts';
import { onnxExternalFiles } from './onnx-external-files.ts';

describe('the external files of an ONNX graph', () => {
  it('are found once each, however large the weights beside them', async () => {
    await using temporary = await temporaryFolder();
    const file = path.join(temporary.folder, 'model.onnx');
    await writeFile(
      file,
      onnxGraph({ external: ['a.data', '../b.data', 'a.data'], weights: 'w'.repeat(9000) }),
    );
    expect(onnxExternalFiles(file, 'model.onnx')).toEqual(['a.data', '../b.data']);
    await writeFile(file, onnxGraph());
    expect(onnxExternalFiles(file, 'model.onnx')).toEqual([]);
  });

  it('are not looked for in a graph that was cut off anywhere', async () => {
    await using temporary = await temporaryFolder();
    const file = path.join(temporary.folder, 'model.onnx');
    const whole = onnxGraph({ external: ['a.data'] });
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(file, whole.subarray(0, length));
      expect(() => onnxExternalFiles(file, 'model.onnx'), `${length} bytes`).toThrow(ModelProblem);
    }
  });

  it('never make anything worse than a problem of random or changed bytes', async () => {
    await using temporary = await temporaryFolder();
    const file = path.join(temporary.folder, 'model.onnx');
    const whole = onnxGraph({ external: ['a.data'] });
    const changed = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })
      .map((changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        await writeFile(file, bytes);
        try {
          onnxExternalFiles(file, 'model.onnx');
        } catch (error) {
          expect(error).toBeInstanceOf(ModelProblem);
        }
      }),
      { numRuns: 400 },
    );
  });
});
