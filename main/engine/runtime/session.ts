/** The `Session` interface over onnxruntime-node: host tensors, runs that block the thread. */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { StudioError } from '../../../contract/errors.ts';
import type { ProviderName } from '../../../contract/system.ts';
import type { Session, Value, ValueSpec } from '../session.ts';
import type { DataType, Tensor } from '../tensor/tensor.ts';
import { graphName } from './graph-file.ts';
import type { Onnxruntime } from './load-onnxruntime.ts';

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
  const inputsByName = new Map(inputs.map((spec) => [spec.name, spec]));
  const outputNames = new Set(outputs.map(({ name }) => name));
  let runMs = 0;
  let disposed = false;

  return {
    inputs,
    outputs,
    provider,
    get runMs() {
      return runMs;
    },
    async run(feeds, { signal, outputs: wanted } = {}) {
      if (disposed)
        throw new StudioError('internal', `${graphName(graphPath)} was run after it was released.`);
      throwIfAborted(signal);
      for (const name of Object.keys(feeds)) {
        if (!inputsByName.has(name))
          throw misfit(graphPath, `has no input "${name}" (it has ${listNames(inputs)})`, name);
      }
      const ortFeeds: Record<string, OrtTensor> = {};
      for (const spec of inputs) {
        const feed = feeds[spec.name];
        if (!feed) throw misfit(graphPath, `needs the input "${spec.name}"`, spec.name);
        checkFeed(graphPath, spec, feed);
        ortFeeds[spec.name] =
          feed instanceof HostValue ? feed.tensor : toOrtTensor(onnxruntime, spec.name, feed);
      }
      for (const name of wanted ?? []) {
        if (!outputNames.has(name))
          throw misfit(graphPath, `has no output "${name}" (it has ${listNames(outputs)})`, name);
      }
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

function toOrtTensor(onnxruntime: Onnxruntime, name: string, feed: Tensor | Value): OrtTensor {
  if (!('data' in feed))
    throw new StudioError('internal', `The input "${name}" holds a value of another runtime.`);
  const { type, data, dims } = feed;
  if (data.byteLength !== data.buffer.byteLength) {
    throw new RangeError(
      `The input "${name}" is a view of a larger buffer; the runtime would read from its start.`,
    );
  }
  return new onnxruntime.Tensor(type, data, dims);
}

function checkFeed(graphPath: string, spec: ValueSpec, feed: Tensor | Value): void {
  if (feed.type !== spec.type) {
    throw misfit(
      graphPath,
      `wants ${spec.type} for the input "${spec.name}", not ${feed.type}`,
      spec.name,
    );
  }
  const fits =
    feed.dims.length === spec.dims.length &&
    spec.dims.every((dim, axis) => typeof dim === 'string' || dim === feed.dims[axis]);
  if (!fits) {
    throw misfit(
      graphPath,
      `wants the shape [${spec.dims.join(', ')}] for the input "${spec.name}", not [${feed.dims.join(', ')}]`,
      spec.name,
    );
  }
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

function misfit(graphPath: string, what: string, input: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(graphPath)} ${what}. The parts of the model do not fit together.`,
    {
      file: graphPath,
      input,
    },
  );
}

function listNames(specs: readonly ValueSpec[]): string {
  return specs.map(({ name }) => name).join(', ');
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
}

/** Native allocation failures, in the words of onnxruntime, its providers and the C++ library. */
export const allocationFailure =
  /bad_alloc|bad allocation|failed to allocate|out of memory|not enough memory|E_OUTOFMEMORY/i;

function runError(graphPath: string, thrown: unknown): StudioError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (allocationFailure.test(message)) {
    return new StudioError(
      'out-of-memory',
      'There is not enough memory for this. Make the picture smaller, shorten the text or close other programs.',
      { file: graphPath },
      { cause: thrown },
    );
  }
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(graphPath)} failed while running: ${firstLine(message)}`,
    { file: graphPath },
    { cause: thrown },
  );
}

/** The runtime's messages go on for lines and start with source paths. */
export function firstLine(message: string): string {
  return (message.trim().split('\n')[0] ?? '').slice(0, 300);
}
