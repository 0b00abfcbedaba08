/**
 * Linear layers on whole numbers of 8 bits, which processors with dot products of bytes compute several
 * times as fast.
 *
 * Weights are symmetric with a scale per output; activations are asymmetric with one scale and zero
 * point, found anew at each run. Nodes are those of dynamic quantisation, which the runtime fuses.
 * Source: ONNX operators DynamicQuantizeLinear and MatMulInteger, versions 11 and 10.
 */
import { openSync, closeSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  newNode,
  type GraphNode,
  type GraphStructure,
  type Initializer,
} from './graph-structure.ts';
import { elementTypes, integer, message, text } from './onnx-message.ts';
import { concatenate, lengthDelimited } from './protobuf-fields.ts';

export interface Int8Graph {
  readonly nodes: readonly GraphNode[];
  /** Without the weights that nothing reads any more. */
  readonly structure: GraphStructure;
  readonly added: readonly Uint8Array[];
}

/** Smaller layers win nothing. */
const minSide = 32;
/** The graph is handed over as one protobuf, which ends at 2 GiB; layers beyond this stay as they are. */
const maxBytes = 1.5 * 2 ** 30;
/** Seven bits and a sign: the largest whole number that a weight becomes. */
const largest = 127;

/**
 * @param path of the graph, whose folder holds its weights
 * @param nodes the graph's nodes, perhaps edited
 * @returns null if no layer is of that kind
 */
export function quantizeLinearLayers(
  path: string,
  structure: GraphStructure,
  nodes: readonly GraphNode[],
): Int8Graph | null {
  const chosen = new Map<GraphNode, Initializer>();
  let left = maxBytes;
  for (const node of nodes) {
    const weight = structure.initializers.get(node.inputs[1] ?? '');
    if (node.operator !== 'MatMul' || !weight || !isWorthwhile(weight)) continue;
    left -= sizeOf(weight.dims);
    if (left < 0) break;
    chosen.set(node, weight);
  }
  if (chosen.size === 0) return null;

  const weights = [...new Set(chosen.values())];
  const added: Uint8Array[] = [];
  const files = openFiles(dirname(path));
  try {
    for (const { name, dims, stored } of weights) {
      const [rows = 0, columns = 0] = dims;
      const real = files.read(stored, rows * columns);
      const whole = new Int8Array(rows * columns);
      const scales = quantizeColumns(real, columns, whole);
      added.push(
        tensorField(int8Of(name), dims, elementTypes.int8, new Uint8Array(whole.buffer)),
        tensorField(scaleOf(name), [columns], elementTypes.float32, new Uint8Array(scales.buffer)),
      );
    }
  } finally {
    files.close();
  }

  const quantized = new Set<string>();
  const rewritten = nodes.flatMap((node) => {
    const weight = chosen.get(node);
    if (!weight) return [node];
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const own = (what: string) => `${output}/int8/${what}`;
    const read = (what: string) => `${input}/int8/${what}`;
    const product = [
      newNode('MatMulInteger', [read('values'), int8Of(weight.name), read('zero')], own('whole')),
      { ...newNode('Cast', [own('whole')], own('real')), attributes: [toFloat32] },
      newNode('Mul', [read('scale'), scaleOf(weight.name)], own('scale')),
      { ...newNode('Mul', [own('real'), own('scale')], output), name: node.name },
    ];
    // Layers that read the same values, as those of queries, keys and values do, share their numbers.
    if (quantized.has(input)) return product;
    quantized.add(input);
    const outputs = ['values', 'scale', 'zero'].map(read);
    return [{ ...newNode('DynamicQuantizeLinear', [input], ''), outputs }, ...product];
  });

  const stillRead = new Set(rewritten.flatMap(({ inputs }) => inputs));
  const gone = new Set(
    weights.filter(({ name }) => !stillRead.has(name)).map(({ field }) => field),
  );
  return {
    nodes: rewritten,
    structure: {
      ...structure,
      graphFields: structure.graphFields.filter((field) => !gone.has(field)),
    },
    added,
  };
}

const int8Of = (name: string) => `${name}/int8`;
const scaleOf = (name: string) => `${name}/int8 scale`;

function isWorthwhile({ dims, type, stored }: Initializer): boolean {
  const [rows = 0, columns = 0] = dims;
  return (
    dims.length === 2 &&
    type === elementTypes.float32 &&
    stored !== null &&
    Math.min(rows, columns) >= minSide
  );
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/**
 * @param real f32 [rows, columns]
 * @param whole is filled
 * @returns new f32 [columns], what a one stands for
 */
function quantizeColumns(real: Float32Array, columns: number, whole: Int8Array): Float32Array {
  const scales = new Float32Array(columns);
  for (let row = 0; row < real.length; row += columns)
    for (let column = 0; column < columns; column += 1) {
      const size = Math.abs(real[row + column] ?? 0);
      if (size > (scales[column] ?? 0)) scales[column] = size;
    }
  const inverse = scales.map((size) => (size > 0 ? largest / size : 0));
  for (let row = 0; row < real.length; row += columns)
    for (let column = 0; column < columns; column += 1)
      whole[row + column] = Math.round((real[row + column] ?? 0) * (inverse[column] ?? 0));
  return scales.map((size) => size / largest);
}

/** AttributeProto `to` of Cast: 1 name, 3 i, 20 type INT. */
const toFloat32 = Uint8Array.from(
  message(5, text(1, 'to'), integer(3, elementTypes.float32), integer(20, 2)),
);

/** A TensorProto in a graph. */
function tensorField(
  name: string,
  dims: readonly number[],
  type: number,
  values: Uint8Array,
): Uint8Array {
  const described = [
    ...dims.flatMap((dim) => integer(1, dim)),
    ...integer(2, type),
    ...text(8, name),
  ];
  return lengthDelimited(5, concatenate([Uint8Array.from(described), lengthDelimited(9, values)]));
}

/** Reads weights wherever they are stored; every file is opened once. */
function openFiles(folder: string) {
  const descriptors = new Map<string, number>();
  return {
    read(stored: Initializer['stored'], count: number): Float32Array {
      const values = new Float32Array(count);
      const bytes = new Uint8Array(values.buffer);
      if (stored === null) return values;
      if (stored instanceof Uint8Array) {
        bytes.set(stored.subarray(0, bytes.length));
        return values;
      }
      // `inspectGraphFile` has seen that the file is there, inside the folder and long enough.
      const fd = descriptors.get(stored.location) ?? openSync(join(folder, stored.location), 'r');
      descriptors.set(stored.location, fd);
      readSync(fd, bytes, 0, bytes.length, stored.offset);
      return values;
    },
    close(): void {
      for (const fd of descriptors.values()) closeSync(fd);
    },
  };
}
