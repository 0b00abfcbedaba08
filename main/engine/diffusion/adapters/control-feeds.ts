/** Between what a model is fed and what its ControlNet declares: the two may be of different precision. */
import { StudioError } from '../../../../contract/errors.ts';
import type { Value, ValueSpec } from '../../session.ts';
import { float16ToFloat32 } from '../../tensor/float16.ts';
import { tensor, type Tensor } from '../../tensor/tensor.ts';
import { realTensor, type RealValues } from '../graph-tensors.ts';

export async function fitFeed(spec: ValueSpec, feed: Tensor | Value): Promise<Tensor | Value> {
  if (feed.type === spec.type) return feed;
  if (feed.type === 'float32' || feed.type === 'float16') {
    const { values, dims } = await realValuesOf(feed);
    return spec.type === 'int64' || spec.type === 'int32'
      ? integers(spec.type, values, dims)
      : realTensor(spec, values, dims);
  }
  const { data, dims } = 'data' in feed ? feed : await feed.read();
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  return spec.type === 'int64' || spec.type === 'int32'
    ? integers(spec.type, values, dims)
    : realTensor(spec, Float32Array.from(values), dims);
}

function integers(
  type: 'int64' | 'int32',
  values: ArrayLike<number>,
  dims: readonly number[],
): Tensor {
  return type === 'int32'
    ? tensor('int32', Int32Array.from(values, Math.round), dims)
    : tensor('int64', BigInt64Array.from(Array.from(values, (v) => BigInt(Math.round(v)))), dims);
}

export async function realValuesOf(feed: Tensor | Value | undefined): Promise<RealValues> {
  if (!feed) throw new StudioError('internal', 'A ControlNet was run beside nothing.');
  const { data, dims } = 'data' in feed ? feed : await feed.read();
  if (data instanceof Float32Array) return { values: data, dims };
  if (data instanceof Uint16Array) return { values: float16ToFloat32(data), dims };
  throw new StudioError('internal', 'A ControlNet was given whole numbers for latents.');
}

/** One number in the shape that the graph declares, for every row. */
export function numberFor(spec: ValueSpec, value: number, batch: number): Tensor {
  const [declared] = spec.dims;
  if (declared === undefined) return realTensor(spec, Float32Array.of(value), []);
  const rows = typeof declared === 'number' ? declared : batch;
  return realTensor(spec, new Float32Array(rows).fill(value), [rows]);
}
