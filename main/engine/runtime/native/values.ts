/**
 * Tensors as `OrtValue`s.
 *
 * Promises: an `OrtValue` goes when its last holder does, and a run holds what it reads and writes; a
 * value made over the studio's own memory keeps that memory alive for as long; a value that
 * nobody disposed goes with its garbage, at some time.
 */
import { StudioError } from '../../../../contract/errors.ts';
import type { Value } from '../../session.ts';
import { sizeOf, type DataType, type Tensor } from '../../tensor/tensor.ts';
import type { NativeApi, Pointer } from './api-table.ts';
import { elementTypes, typeOfCode } from './element-types.ts';
import { own } from './handle.ts';
import { check, pointerFrom, sizeFrom } from './status.ts';

/** One `OrtValue`, held by values and by runs. Whoever makes it is its first holder. */
export interface Memory {
  /** Good for as long as it is held. */
  readonly pointer: Pointer;
  readonly type: DataType;
  readonly dims: readonly number[];
  /** A run is writing here. */
  writing: boolean;
  retain(): void;
  release(): void;
  /** A copy, in a buffer of its own. */
  read(): Tensor;
}

export interface Values {
  /**
   * Over the tensor's own memory, without copying. The memory must not be given away until the
   * last holder has released the result.
   * @throws {StudioError} `internal` if its array does not fit its type and shape
   */
  over(tensor: Tensor): Memory;
  /** Zeros. @throws {StudioError} `out-of-memory`, `internal` for a shape that is none */
  zeros(type: DataType, dims: readonly number[]): Memory;
  /** Takes over an `OrtValue` that a run made. @throws {StudioError} `unsupported` for its type */
  adopt(pointer: Pointer): Memory;
}

/** A holder of memory, as the rest of the engine sees it. */
export class NativeValue implements Value {
  readonly type: DataType;
  readonly dims: readonly number[];
  #memory: Memory | null;

  /** Takes over one hold on the memory. */
  constructor(memory: Memory) {
    this.type = memory.type;
    this.dims = memory.dims;
    this.#memory = memory;
  }

  /** @throws {StudioError} `internal` once disposed */
  get memory(): Memory {
    if (!this.#memory) throw new StudioError('internal', 'A value was used after it was disposed.');
    return this.#memory;
  }

  async read(): Promise<Tensor> {
    return this.memory.read();
  }

  [Symbol.dispose](): void {
    const memory = this.#memory;
    this.#memory = null;
    memory?.release();
  }
}

/** @param memoryInfo describes plain memory of the processor; must outlive every value */
export function createValues(api: NativeApi, memoryInfo: Pointer): Values {
  const forgotten = new FinalizationRegistry<Pointer>((pointer) => api.ReleaseValue(pointer));

  /** @param backing the memory behind it, where that is the studio's */
  function hold(
    pointer: Pointer,
    type: DataType,
    dims: readonly number[],
    backing: ArrayBufferLike | null,
  ): Memory {
    let holders = 1;
    const memory: Memory = {
      pointer,
      type,
      dims,
      writing: false,
      retain() {
        holders += 1;
      },
      release() {
        holders -= 1;
        if (holders > 0) return;
        forgotten.unregister(memory);
        api.ReleaseValue(pointer);
      },
      read() {
        const element = elementTypes[type];
        const byteLength = sizeOf(dims) * element.bytes;
        if (backing !== null || byteLength === 0) {
          const bytes = new Uint8Array(byteLength);
          if (backing !== null) bytes.set(new Uint8Array(backing));
          return { type, dims, data: element.view(bytes.buffer) };
        }
        const from = pointerFrom(api, (out) => api.GetTensorMutableData(pointer, out));
        return { type, dims, data: element.view(api.copyBytes(from, byteLength).buffer) };
      },
    };
    forgotten.register(memory, pointer, memory);
    return memory;
  }

  function over(tensor: Tensor): Memory {
    const { type, dims, data } = tensor;
    checkTensor(tensor);
    const shape = BigInt64Array.from(dims, BigInt);
    const pointer = pointerFrom(api, (out) =>
      api.CreateTensorWithDataAsOrtValue(
        memoryInfo,
        data,
        data.byteLength,
        shape,
        shape.length,
        elementTypes[type].code,
        out,
      ),
    );
    return hold(pointer, type, dims, data.buffer);
  }

  return {
    over,
    zeros(type, dims) {
      checkDims(dims);
      const buffer = allocate(sizeOf(dims) * elementTypes[type].bytes);
      return over({ type, dims, data: elementTypes[type].view(buffer) });
    },
    adopt(pointer) {
      try {
        const { type, dims } = shapeOf(api, pointer);
        return hold(pointer, type, dims, null);
      } catch (error) {
        api.ReleaseValue(pointer);
        throw error;
      }
    },
  };
}

/** What the native side would otherwise find out by reading beyond the end. */
function checkTensor({ type, dims, data }: Tensor): void {
  checkDims(dims);
  const expected = elementTypes[type].view(new ArrayBuffer(0)).constructor;
  if (data.constructor !== expected || data.length !== sizeOf(dims)) {
    throw new StudioError(
      'internal',
      `A ${type} tensor of shape [${dims.join(', ')}] holds ${data.length} elements of ${data.constructor.name}.`,
    );
  }
  if (data.byteLength !== data.buffer.byteLength)
    throw new RangeError(
      'A tensor is a view of a larger buffer, which not every runtime can read.',
    );
  if (data.buffer instanceof ArrayBuffer && data.buffer.resizable)
    throw new RangeError('A tensor lies in a buffer that could shrink while it is read.');
}

function checkDims(dims: readonly number[]): void {
  if (dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) return;
  throw new StudioError('internal', `[${dims.join(', ')}] is no shape of a tensor.`);
}

function allocate(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw new StudioError(
      'out-of-memory',
      `${Math.ceil(bytes / 2 ** 20)} MB more are needed and cannot be had. Shorten the text or close other programs.`,
      undefined,
      { cause },
    );
  }
}

/** @throws {StudioError} `unsupported` */
function shapeOf(
  api: NativeApi,
  value: Pointer,
): { readonly type: DataType; readonly dims: readonly number[] } {
  using tensorInfo = own(
    pointerFrom(api, (out) => api.GetTensorTypeAndShape(value, out)),
    api.ReleaseTensorTypeAndShapeInfo,
    'The shape of a value',
  );
  return readTensorInfo(api, tensorInfo.pointer);
}

/**
 * @param tensorInfo an `OrtTensorTypeAndShapeInfo`
 * @returns sizes; −1 for a dimension that the graph leaves open
 */
export function readTensorInfo(
  api: NativeApi,
  tensorInfo: Pointer,
): { readonly type: DataType; readonly dims: readonly number[] } {
  const code = new Int32Array(1);
  check(api, api.GetTensorElementType(tensorInfo, code));
  const rank = sizeFrom(api, (out) => api.GetDimensionsCount(tensorInfo, out));
  const dims = new BigInt64Array(rank);
  check(api, api.GetDimensions(tensorInfo, dims, rank));
  return { type: typeOfCode(code[0] ?? 0), dims: Array.from(dims, Number) };
}
