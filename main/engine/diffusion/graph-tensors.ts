/** Between the pipelines' float32 and integer values and what a graph declares for its inputs and outputs. */
import { StudioError } from '../../../contract/errors.ts';
import type { Session, Value, ValueSpec } from '../session.ts';
import { float16ToFloat32, float32ToFloat16 } from '../tensor/float16.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';

/** @throws {StudioError} `model-invalid` if the graph has no such input */
export function inputSpec(session: Session, name: string): ValueSpec {
  const spec = session.inputs.find((input) => input.name === name);
  if (spec) return spec;
  const known = session.inputs.map((input) => input.name).join(', ');
  throw new StudioError(
    'model-invalid',
    `The model's graph has no input "${name}"; it has ${known}. Export it in the diffusers ONNX layout.`,
  );
}

/** Real values in the type that the input declares. */
export function realTensor(spec: ValueSpec, values: Float32Array, dims: readonly number[]): Tensor {
  switch (spec.type) {
    case 'float32':
      return tensor('float32', values, dims);
    case 'float16':
      return tensor('float16', float32ToFloat16(values), dims);
    default:
      throw unexpectedType(spec);
  }
}

/** Whole numbers in the type that the input declares. */
export function integerTensor(
  spec: ValueSpec,
  values: readonly number[],
  dims: readonly number[],
): Tensor {
  switch (spec.type) {
    case 'int64':
      return tensor(
        'int64',
        BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
        dims,
      );
    case 'int32':
      return tensor('int32', Int32Array.from(values, Math.round), dims);
    default:
      return realTensor(spec, Float32Array.from(values), dims);
  }
}

export interface RealValues {
  readonly values: Float32Array;
  readonly dims: readonly number[];
}

/**
 * The float32 values of an output; disposes it.
 * @param expected its shape; null where any size will do
 * @throws {StudioError} `model-invalid` if there is no such output or it has another shape or type
 */
export async function takeReal(
  value: Value | undefined,
  name: string,
  expected: readonly (number | null)[],
): Promise<RealValues> {
  if (!value)
    throw new StudioError(
      'model-invalid',
      `The model's graph has no output "${name}". Export it in the diffusers ONNX layout.`,
    );
  using owned = value;
  const { data, dims, type } = await owned.read();
  const fits =
    dims.length === expected.length &&
    expected.every((dim, axis) => dim === null || dim === dims[axis]);
  if (!fits) {
    const wanted = expected.map((dim) => dim ?? 'any').join(', ');
    throw new StudioError(
      'model-invalid',
      `The output "${name}" of the model's graph has the shape [${dims.join(', ')}], not [${wanted}]. The parts of the model do not fit together.`,
    );
  }
  if (data instanceof Float32Array) return { values: data, dims };
  if (data instanceof Uint16Array) return { values: float16ToFloat32(data), dims };
  throw new StudioError(
    'model-invalid',
    `The output "${name}" of the model's graph holds ${type}, not real numbers. Export it in the diffusers ONNX layout.`,
  );
}

function unexpectedType({ name, type }: ValueSpec): StudioError {
  return new StudioError(
    'model-invalid',
    `The input "${name}" of the model's graph wants ${type}, which does not fit. Export it in the diffusers ONNX layout.`,
  );
}
