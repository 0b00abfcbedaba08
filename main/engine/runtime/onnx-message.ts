/** Just enough protobuf to write ONNX graphs: for probing providers, for changing graphs and for tests. */

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  while (left >= 128) {
    bytes.push((left % 128) + 128);
    left = Math.floor(left / 128);
  }
  return [...bytes, left];
}

/** A length-delimited field. */
export function message(field: number, ...parts: readonly (readonly number[])[]): number[] {
  const body = parts.flat();
  return [...varint(field * 8 + 2), ...varint(body.length), ...body];
}

export function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

export function integer(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

/** `TensorProto.DataType` of the types used here. */
export const elementTypes = { float32: 1, int8: 3, int64: 7, float16: 10 } as const;

/** ValueInfoProto of a tensor; a string is a symbolic dimension. */
export function valueInfo(
  field: number,
  name: string,
  type: keyof typeof elementTypes,
  ...dims: readonly (number | string)[]
): number[] {
  const sizes = dims.map((dim) =>
    message(1, typeof dim === 'number' ? integer(1, dim) : text(2, dim)),
  );
  return message(
    field,
    text(1, name),
    message(2, message(1, integer(1, elementTypes[type]), message(2, ...sizes))),
  );
}

/** NodeProto without attributes. */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
): number[] {
  return message(
    1,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
  );
}

/** ModelProto, IR version 8, opset 17. `graphFields` are the fields of its GraphProto. */
export function model(...graphFields: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...integer(1, 8),
    ...message(7, ...graphFields, text(2, 'graph')),
    ...message(8, integer(2, 17)),
  ]);
}

/** An initializer of a graph: int64 [values.length]. */
export function integerConstant(name: string, values: readonly number[]): readonly number[] {
  const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return message(
    5,
    integer(1, values.length),
    integer(2, elementTypes.int64),
    text(8, name),
    message(9, [...raw]),
  );
}
