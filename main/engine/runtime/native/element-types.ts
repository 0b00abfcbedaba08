/** Tensor types of the studio beside `ONNXTensorElementDataType` of onnxruntime_c_api.h. */
import { StudioError } from '../../../../contract/errors.ts';
import type { DataType, Tensor } from '../../tensor/tensor.ts';

interface ElementType {
  readonly code: number;
  readonly bytes: number;
  /** Over a whole buffer. */
  readonly view: (buffer: ArrayBuffer) => Tensor['data'];
}

const unsigned8 = (buffer: ArrayBuffer) => new Uint8Array(buffer);

export const elementTypes: Readonly<Record<DataType, ElementType>> = {
  float32: { code: 1, bytes: 4, view: (buffer) => new Float32Array(buffer) },
  uint8: { code: 2, bytes: 1, view: unsigned8 },
  int8: { code: 3, bytes: 1, view: (buffer) => new Int8Array(buffer) },
  int32: { code: 6, bytes: 4, view: (buffer) => new Int32Array(buffer) },
  int64: { code: 7, bytes: 8, view: (buffer) => new BigInt64Array(buffer) },
  bool: { code: 9, bytes: 1, view: unsigned8 },
  float16: { code: 10, bytes: 2, view: (buffer) => new Uint16Array(buffer) },
};

/** Names of the codes that the studio does not handle, for messages. */
const otherNames: Readonly<Record<number, string>> = {
  4: 'uint16',
  5: 'int16',
  8: 'string',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
};

/** @throws {StudioError} `unsupported` for what the studio does not handle */
export function typeOfCode(code: number): DataType {
  for (const [type, element] of Object.entries(elementTypes))
    if (element.code === code) return type as DataType;
  throw new StudioError(
    'unsupported',
    `The model uses ${otherNames[code] ?? `type-${code}`} values, which the studio cannot handle.`,
  );
}
