/** The `Session` interface over onnxruntime-node: host tensors, runs that block the thread. */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { StudioError } from '../../../contract/errors.ts';
import type { ProviderName } from '../../../contract/system.ts';
import type { Session, Value, ValueSpec } from '../session.ts';
import type { DataType, Tensor } from '../tensor/tensor.ts';
import { graphName } from './graph-file.ts';
import type { Onnxruntime } from './load-onnxruntime.ts';
import { checkFeeds, checkOutputs, released, runError, throwIfAborted } from './run-checks.ts';

const dataTypes = [
  'float32',
  'float16',
  'int32',
  'int64',
  'uint8',
  'int8',
  'bool',
] as const satisfies readonly DataType[];

/**
 * @param inference a session that the result takes over and releases when disposed
 * @throws {StudioError} `unsupported` if an input or output has a type that the studio does not know
 */
export function createSession(
  onnxruntime: Onnxruntime,
  inference: InferenceSession,
  graphPath: string,
  provider: ProviderName,
): Session {
  const inputs = inference.inputMetadata.map((metadata) => toSpec(metadata, graphPath));
  const outputs = inference.outputMetadata.map((metadata) => toSpec(metadata, graphPath));
  let runMs = 0;
  let disposed = false;

  return {
    inputs,
    outputs,
    provider,
    get runMs() {
      return runMs;
    },
    // Every output is copied into an array of the runtime's.
    allocate: () => null,
    async run(feeds, { signal, outputs: wanted } = {}) {
      if (disposed) throw released(graphPath);
      throwIfAborted(signal);
      const ortFeeds: Record<string, OrtTensor> = {};
      for (const [index, feed] of checkFeeds(graphPath, inputs, feeds).entries()) {
        const { name } = inputs[index] ?? { name: '' };
        ortFeeds[name] =
          feed instanceof HostValue
            ? feed.tensor
            : toOrtTensor(onnxruntime, name, 'data' in feed ? feed : await feed.read());
      }
      checkOutputs(graphPath, outputs, wanted ?? []);
      // The runtime lets pending events run first and then blocks, so the clock starts with the block.
      await new Promise((resolve) => setImmediate(resolve));
      throwIfAborted(signal);
      const startedMs = performance.now();
      try {
        const results = await (wanted ? inference.run(ortFeeds, wanted) : inference.run(ortFeeds));
        return Object.fromEntries(
          Object.entries(results).map(([name, result]) => [name, new HostValue(result)]),
        );
      } catch (thrown) {
        throw runError(graphPath, thrown);
      } finally {
        runMs += performance.now() - startedMs;
      }
    },
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      await inference.release();
    },
  };
}

/** A tensor in host memory; nothing native hangs on it, so disposing only drops the reference. */
class HostValue implements Value {
  readonly type: DataType;
  readonly dims: readonly number[];
  #tensor: OrtTensor | null;

  constructor(ortTensor: OrtTensor) {
    this.type = toDataType(ortTensor.type);
    this.dims = ortTensor.dims;
    this.#tensor = ortTensor;
  }

  get tensor(): OrtTensor {
    if (!this.#tensor) throw new StudioError('internal', 'A value was used after it was disposed.');
    return this.#tensor;
  }

  read(): Promise<Tensor> {
    // The array's class follows from the type: `loadOnnxruntime` saw to float16.
    const data = this.tensor.data as Tensor['data'];
    const whole = data.byteLength === data.buffer.byteLength ? data : data.slice();
    return Promise.resolve({ type: this.type, dims: this.dims, data: whole });
  }

  [Symbol.dispose](): void {
    this.#tensor = null;
  }
}

function toOrtTensor(
  onnxruntime: Onnxruntime,
  name: string,
  { type, data, dims }: Tensor,
): OrtTensor {
  if (data.byteLength !== data.buffer.byteLength) {
    throw new RangeError(
      `The input "${name}" is a view of a larger buffer; the runtime would read from its start.`,
    );
  }
  return new onnxruntime.Tensor(type, data, dims);
}

function toSpec(metadata: InferenceSession.ValueMetadata, graphPath: string): ValueSpec {
  if (!metadata.isTensor) {
    throw new StudioError(
      'unsupported',
      `${graphName(graphPath)} has "${metadata.name}", which is not a tensor. Export the model anew.`,
    );
  }
  return {
    name: metadata.name,
    type: toDataType(metadata.type),
    // A dimension without size or name is as free as a named one.
    dims: metadata.shape.map((dim) => (typeof dim === 'number' ? dim : dim || '?')),
  };
}

function toDataType(type: string): DataType {
  const known = dataTypes.find((candidate) => candidate === type);
  if (!known)
    throw new StudioError(
      'unsupported',
      `The model uses ${type} values, which the studio cannot handle.`,
    );
  return known;
}
