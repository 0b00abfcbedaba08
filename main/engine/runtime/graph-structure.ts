/**
 * An ONNX file taken apart as far as changing its graph needs, and put together again.
 *
 * Promises: large weights are not read but referred to where they lie, as external data of the same
 * file; every field that is not understood stays as it is, byte by byte.
 * Source: onnx.proto3 of ONNX 1.19 (field numbers below).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { integer, message, text } from './onnx-message.ts';
import {
  concatenate,
  damaged,
  decode,
  fieldIn,
  fieldsOf,
  lengthDelimited,
  lengthKey,
  longestKey,
  varintIn,
} from './protobuf-fields.ts';

export interface GraphNode {
  readonly name: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** AttributeProto fields, with their keys. */
  readonly attributes: readonly Uint8Array[];
  /** All other fields, with their keys. */
  readonly rest: readonly Uint8Array[];
}

/** A node of one output and no attributes. */
export function newNode(operator: string, inputs: readonly string[], output: string): GraphNode {
  return { name: '', operator, inputs, outputs: [output], attributes: [], rest: [] };
}

export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  /** `TensorProto.DataType`. */
  readonly type: number;
  /** Its values, little-endian; null where they are in fields that are not understood. */
  readonly stored: Uint8Array | FilePiece | null;
  /** Its entry among the graph's fields. */
  readonly field: Uint8Array;
}

/** Bytes of a file in the graph's folder. */
export interface FilePiece {
  readonly location: string;
  readonly offset: number;
}

export interface GraphStructure {
  readonly nodes: readonly GraphNode[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Fields of the GraphProto other than nodes, with their keys. */
  readonly graphFields: readonly Uint8Array[];
  /** Fields of the ModelProto other than the graph, with their keys. */
  readonly modelFields: readonly Uint8Array[];
}

/** Graphs of up to this size are small enough to be copied whole. */
const defaultInlineBytes = 256 * 2 ** 20;
/** Smaller tensors may hold shapes, which the runtime wants to see at once. */
const minReferredBytes = 64 * 1024;

/**
 * @param inlineBytes files larger than this keep their weights where they are
 * @throws {StudioError} `model-invalid`
 */
export function readGraphStructure(
  path: string,
  inlineBytes: number = defaultInlineBytes,
): GraphStructure {
  const fd = openSync(path, 'r');
  try {
    const size = fstatSync(fd).size;
    const refers = size > inlineBytes;
    const nodes: GraphNode[] = [];
    const initializers = new Map<string, Initializer>();
    const graphFields: Uint8Array[] = [];
    const modelFields: Uint8Array[] = [];
    const readAt = (start: number, end: number) => {
      const bytes = new Uint8Array(end - start);
      if (readSync(fd, bytes, 0, bytes.length, start) !== bytes.length) throw damaged(path);
      return bytes;
    };
    const fieldAt = (at: number, end: number) =>
      fieldIn(readAt(at, Math.min(at + longestKey, end)), 0, path);

    for (let at = 0; at < size;) {
      const field = fieldAt(at, size);
      const next = at + field.end;
      if (field.number === 7) readGraph(at + field.valueStart, next);
      else modelFields.push(readAt(at, next));
      at = next;
    }
    return { nodes, initializers, graphFields, modelFields };

    function readGraph(start: number, end: number): void {
      for (let at = start; at < end;) {
        const field = fieldAt(at, end);
        const next = at + field.end;
        if (field.number === 1) nodes.push(parseNode(readAt(at + field.valueStart, next), path));
        else if (field.number === 5) readInitializer(at, at + field.valueStart, next);
        else graphFields.push(readAt(at, next));
        at = next;
      }
    }

    function readInitializer(keyStart: number, start: number, end: number): void {
      if (!refers || end - start < minReferredBytes) {
        const bytes = readAt(keyStart, end);
        addInitializer(bytes.subarray(start - keyStart), bytes);
        return;
      }
      const kept: Uint8Array[] = [];
      let raw: readonly number[] | null = null;
      for (let at = start; at < end;) {
        const field = fieldAt(at, end);
        const next = at + field.end;
        if (field.number === rawDataField)
          raw = referenceTo(basename(path), at + field.valueStart, field.end - field.valueStart);
        else kept.push(readAt(at, next));
        at = next;
      }
      const body = concatenate([...kept, Uint8Array.from(raw ?? [])]);
      addInitializer(body, lengthDelimited(5, body));
    }

    function addInitializer(body: Uint8Array, field: Uint8Array): void {
      const own = { ...parseTensor(body, path), field };
      initializers.set(own.name, own);
      graphFields.push(field);
    }
  } finally {
    closeSync(fd);
  }
}

/** A ModelProto of the same fields, with these nodes and these fields more in its graph. */
export function writeGraphStructure(
  { graphFields, modelFields }: GraphStructure,
  nodes: readonly GraphNode[],
  added: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const inGraph = [
    ...nodes.map((node) => lengthDelimited(1, nodeBytes(node))),
    ...graphFields,
    ...added,
  ];
  const graphLength = inGraph.reduce((sum, { length }) => sum + length, 0);
  return concatenate([...modelFields, lengthKey(7, graphLength), ...inGraph]);
}

const floatDataField = 4;
const rawDataField = 9;
function parseNode(bytes: Uint8Array, path: string): GraphNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Uint8Array[] = [];
  const rest: Uint8Array[] = [];
  let name = '';
  let operator = '';
  for (const { number, start, valueStart, end } of fieldsOf(bytes, path)) {
    const whole = bytes.subarray(start, end);
    const string = () => decode(bytes.subarray(valueStart, end));
    if (number === 1) inputs.push(string());
    else if (number === 2) outputs.push(string());
    else if (number === 3) name = string();
    else if (number === 4) operator = string();
    else if (number === 5) attributes.push(whole);
    else rest.push(whole);
  }
  return { name, operator, inputs, outputs, attributes, rest };
}

function nodeBytes({ name, operator, inputs, outputs, attributes, rest }: GraphNode): Uint8Array {
  const strings = [
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, operator),
  ];
  return concatenate([...strings.map((field) => Uint8Array.from(field)), ...attributes, ...rest]);
}

function parseTensor(bytes: Uint8Array, path: string): Omit<Initializer, 'field'> {
  const dims: number[] = [];
  const place = new Map<string, string>();
  let type = 0;
  let name = '';
  let values: Uint8Array | null = null;
  for (const { number, valueStart, end, value } of fieldsOf(bytes, path)) {
    // Repeated integers are written packed by some and one by one by others.
    if (number === 1 && value === null) {
      for (let at = valueStart; at < end;) {
        const own = varintIn(bytes, at, path);
        dims.push(own.value);
        at = own.next;
      }
    } else if (number === 1) dims.push(value ?? 0);
    else if (number === 2) type = value ?? 0;
    // Packed floats lie in memory as raw data does.
    else if (number === rawDataField || number === floatDataField)
      values = bytes.subarray(valueStart, end);
    else if (number === 8) name = decode(bytes.subarray(valueStart, end));
    else if (number === 13) {
      const entry = [...fieldsOf(bytes.subarray(valueStart, end), path)].map((own) =>
        decode(bytes.subarray(valueStart + own.valueStart, valueStart + own.end)),
      );
      place.set(entry[0] ?? '', entry[1] ?? '');
    }
  }
  const location = place.get('location');
  const stored =
    location === undefined ? values : { location, offset: Number(place.get('offset') ?? 0) };
  return { name, dims, type, stored };
}

/** `data_location` EXTERNAL with where it is. */
function referenceTo(location: string, offset: number, length: number): readonly number[] {
  const entry = (key: string, value: string) => message(13, text(1, key), text(2, value));
  return [
    ...entry('location', location),
    ...entry('offset', String(offset)),
    ...entry('length', String(length)),
    ...integer(14, 1),
  ];
}
