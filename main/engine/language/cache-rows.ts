/** Keys and values taken out of a cache row by row, in host memory. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StudioError } from '../../../contract/errors.ts';
import type { Value } from '../session.ts';
import { sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import type { CachePart } from './kv-cache.ts';

/**
 * @param values by the parts' `past` names: [batch, heads, ≥ length, headSize]; not modified
 * @param rows by their numbers; a number may come several times
 * @param length tokens that are taken of each
 * @param room tokens that there is room for; what is not taken is zero
 * @returns new tensors [rows, heads, room, headSize]
 */
export async function copyRows(
  parts: readonly CachePart[],
  values: Readonly<Record<string, Tensor | Value>>,
  rows: readonly number[],
  length: number,
  room: number,
): Promise<Record<string, Tensor>> {
  const copies: Record<string, Tensor> = {};
  for (const { past, heads, headSize } of parts) {
    // A long text's cache is copied in so many pieces that other work gets its turn in between.
    await nextTurn();
    const value = values[past];
    if (!value) throw new StudioError('internal', `The cache holds no ${past}.`);
    const { type, data, dims } = 'data' in value ? value : await value.read();
    const roomThere = dims[2] ?? 0;
    const copy = emptyTensor(type, [rows.length, heads, room, headSize]);
    for (const [index, row] of rows.entries()) {
      for (let head = 0; head < heads; head += 1) {
        const from = (row * heads + head) * roomThere * headSize;
        const to = (index * heads + head) * room * headSize;
        copyInto(copy, data, from, to, length * headSize);
      }
    }
    copies[past] = copy;
  }
  return copies;
}

/** Zeros. */
export function emptyTensor(type: Tensor['type'], dims: readonly number[]): Tensor {
  return type === 'float16'
    ? tensor(type, new Uint16Array(sizeOf(dims)), dims)
    : tensor('float32', new Float32Array(sizeOf(dims)), dims);
}

function copyInto(
  { data }: Tensor,
  source: Tensor['data'],
  from: number,
  to: number,
  size: number,
): void {
  if (data instanceof Float32Array && source instanceof Float32Array)
    data.set(source.subarray(from, from + size), to);
  else if (data instanceof Uint16Array && source instanceof Uint16Array)
    data.set(source.subarray(from, from + size), to);
  else throw new StudioError('internal', 'The cache holds values of another type than its graph.');
}
