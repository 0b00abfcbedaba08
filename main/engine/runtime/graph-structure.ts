/**
 * An ONNX file taken apart as far as changing its graph needs, and put together again.
 *
 * Promises: large weights are not read but referred to where they lie, as external data of the same
 * file; every field that is not understood stays as it is, byte by byte.
 * Source: onnx.proto3 of ONNX 1.19 (field numbers below).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import { graphName } from './graph-file.ts';
import { integer, message, text } from './onnx-message.ts';

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
        const own = parseTensor(bytes.subarray(start - keyStart), path);
        initializers.set(own.name, own);
        graphFields.push(bytes);
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
      const own = parseTensor(body, path);
      initializers.set(own.name, own);
      graphFields.push(lengthDelimited(5, body));
    }
  } finally {
    closeSync(fd);
  }
}

/** A ModelProto of the same fields, with these nodes and these fields more in its graph. */
export function writeGraphStructure(
  { graphFields, modelFields }: GraphStructure,
  nodes: readonly GraphNode[],
  added: readonly (readonly number[])[],
): Uint8Array {
  const graph = concatenate([
    ...nodes.map((node) => lengthDelimited(1, nodeBytes(node))),
    ...graphFields,
    ...added.map((field) => Uint8Array.from(field)),
  ]);
  return concatenate([...modelFields, lengthDelimited(7, graph)]);
}

const rawDataField = 9;
/** Key and length, each a varint. */
const longestKey = 20;

interface Field {
  readonly number: number;
  readonly valueStart: number;
  readonly end: number;
  /** Of varint fields; null of all others. */
  readonly value: number | null;
}

/** @returns offsets within `bytes`; the value itself need not be there */
function fieldIn(bytes: Uint8Array, at: number, path: string): Field {
  const key = varintIn(bytes, at, path);
  const number = Math.floor(key.value / 8);
  switch (key.value % 8) {
    case 0: {
      const { value, next } = varintIn(bytes, key.next, path);
      return { number, valueStart: key.next, end: next, value };
    }
    case 1:
      return { number, valueStart: key.next, end: key.next + 8, value: null };
    case 5:
      return { number, valueStart: key.next, end: key.next + 4, value: null };
    case 2: {
      const { value, next } = varintIn(bytes, key.next, path);
      return { number, valueStart: next, end: next + value, value: null };
    }
    default:
      throw damaged(path);
  }
}

function varintIn(bytes: Uint8Array, at: number, path: string): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) throw damaged(path);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  throw damaged(path);
}

function* fieldsOf(bytes: Uint8Array, path: string): Generator<Field & { start: number }> {
  for (let at = 0; at < bytes.length;) {
    const field = fieldIn(bytes, at, path);
    if (field.end > bytes.length) throw damaged(path);
    yield { ...field, start: at };
    at = field.end;
  }
}

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

function parseTensor(bytes: Uint8Array, path: string): Initializer {
  const dims: number[] = [];
  let type = 0;
  let name = '';
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
    else if (number === 8) name = decode(bytes.subarray(valueStart, end));
  }
  return { name, dims, type };
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

function lengthDelimited(field: number, body: Uint8Array): Uint8Array {
  const key = [...integer(0, body.length)].slice(1);
  return concatenate([Uint8Array.from([field * 8 + 2, ...key]), body]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function damaged(path: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(path)} cannot be used: it is cut short or damaged. Import the model again.`,
    { file: path },
  );
}
