/**
 * Which files an ONNX graph takes weights from, without loading it.
 *
 * Walks the protobuf with a small window, skipping over weights, so that a file of gigabytes costs a
 * few reads; a file that is cut off anywhere but inside its last tensor's weights is found, and
 * there too, since every length is compared with the file's size.
 * Source: onnx.proto3 (field numbers), protobuf encoding guide.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ModelProblem } from './model-problem.ts';

type MessageName =
  | 'model'
  | 'graph'
  | 'function'
  | 'node'
  | 'attribute'
  | 'sparseTensor'
  | 'tensor'
  | 'entry';

/** The fields that may lead to a tensor, by message and field number. */
const children: Readonly<Record<MessageName, Readonly<Record<number, MessageName>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparseTensor' },
  function: { 7: 'node' },
  node: { 5: 'attribute' },
  attribute: {
    5: 'tensor',
    6: 'graph',
    10: 'tensor',
    11: 'graph',
    22: 'sparseTensor',
    23: 'sparseTensor',
  },
  sparseTensor: { 1: 'tensor', 2: 'tensor' },
  tensor: { 13: 'entry' },
  entry: {},
};

const windowBytes = 64 * 1024;
const maxDepth = 64;
const maxPathBytes = 4096;

/**
 * @param graphPath the `.onnx` file
 * @param shownName how messages call it
 * @returns each `location` once, as it stands in the file, unchecked
 * @throws {ModelProblem} if the file is no whole ONNX graph
 */
export function onnxExternalFiles(graphPath: string, shownName: string): string[] {
  const damaged = () =>
    new ModelProblem(`"${shownName}" is damaged or cut off. Copy the whole model again.`);
  const file = openSync(graphPath, 'r');
  try {
    const sizeBytes = fstatSync(file).size;
    const window = Buffer.alloc(windowBytes);
    let windowStart = 0;
    let windowEnd = 0;
    const locations = new Set<string>();
    let graphs = 0;

    function byteAt(at: number): number {
      if (at < windowStart || at >= windowEnd) {
        windowStart = at;
        windowEnd = at + readSync(file, window, 0, windowBytes, at);
      }
      const byte = window[at - windowStart];
      if (byte === undefined || at >= windowEnd) throw damaged();
      return byte;
    }

    /** @returns the value (exact up to 2^53) and the position after it */
    function varint(at: number, end: number): [number, number] {
      let value = 0;
      for (let i = 0; i < 10; i += 1) {
        if (at + i >= end) throw damaged();
        const byte = byteAt(at + i);
        value += (byte & 0x7f) * 2 ** (7 * i);
        if (byte < 0x80) return [value, at + i + 1];
      }
      throw damaged();
    }

    function text(at: number, length: number): string {
      if (length > maxPathBytes) throw damaged();
      const bytes = Buffer.alloc(length);
      if (readSync(file, bytes, 0, length, at) !== length) throw damaged();
      return bytes.toString('utf8');
    }

    function walk(message: MessageName, start: number, end: number, depth: number): void {
      if (depth > maxDepth) throw damaged();
      let key = '';
      let value = '';
      for (let at = start; at < end;) {
        const [tag, afterTag] = varint(at, end);
        const field = Math.floor(tag / 8);
        switch (tag % 8) {
          case 0:
            [, at] = varint(afterTag, end);
            break;
          case 1:
            at = afterTag + 8;
            break;
          case 5:
            at = afterTag + 4;
            break;
          case 2: {
            const [length, content] = varint(afterTag, end);
            at = content + length;
            if (at > end) throw damaged();
            const child = children[message][field];
            if (child === 'graph') graphs += 1;
            if (child) walk(child, content, at, depth + 1);
            else if (message === 'entry' && field === 1) key = text(content, length);
            else if (message === 'entry' && field === 2) value = text(content, length);
            break;
          }
          default:
            throw damaged();
        }
        if (at > end) throw damaged();
      }
      if (key === 'location') locations.add(value);
    }

    walk('model', 0, sizeBytes, 0);
    if (graphs === 0) throw damaged();
    return [...locations];
  } finally {
    closeSync(file);
  }
}
