/** Dense tensors in host memory, row-major. */

interface ArrayOf {
  readonly float32: Float32Array;
  /** IEEE 754 binary16 bit patterns. */
  readonly float16: Uint16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly bool: Uint8Array;
}

export type DataType = keyof ArrayOf;

export interface Tensor<T extends DataType = DataType> {
  readonly type: T;
  readonly dims: readonly number[];
  /** Exactly `sizeOf(dims)` elements and the whole of its buffer (views of larger buffers lose their offset in onnxruntime-node). */
  readonly data: ArrayOf[T];
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** @throws {RangeError} if the element count does not match the shape */
export function tensor<T extends DataType>(
  type: T,
  data: ArrayOf[T],
  dims: readonly number[],
): Tensor<T> {
  if (data.length !== sizeOf(dims)) {
    throw new RangeError(
      `A ${type} tensor of shape [${dims.join(',')}] needs ${sizeOf(dims)} elements, not ${data.length}.`,
    );
  }
  return { type, dims, data };
}
