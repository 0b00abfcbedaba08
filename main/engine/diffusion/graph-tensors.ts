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

/** The float32 values of an output; disposes it. */
export async function takeReal(value: Value | undefined, name: string): Promise<Float32Array> {
  if (!value)
    throw new StudioError(
      'model-invalid',
      `The model's graph has no output "${name}". Export it in the diffusers ONNX layout.`,
    );
  using owned = value;
  const { data } = await owned.read();
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return float16ToFloat32(data);
  throw new StudioError(
    'model-invalid',
    `The output "${name}" of the model's graph holds ${value.type}, not real numbers.`,
  );
}

function unexpectedType({ name, type }: ValueSpec): StudioError {
  return new StudioError(
    'model-invalid',
    `The input "${name}" of the model's graph wants ${type}, which does not fit. Export it in the diffusers ONNX layout.`,
  );
}
