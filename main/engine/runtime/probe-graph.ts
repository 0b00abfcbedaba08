/**
 * The smallest ONNX graph worth running: y = x + x on one float32.
 *
 * Written out as protobuf bytes (onnx.proto3, IR version 8, opset 17), so that a probe needs no file.
 */
function message(field: number, ...parts: readonly (readonly number[])[]): number[] {
  const body = parts.flat();
  return [(field << 3) | 2, body.length, ...body];
}

function text(field: number, value: string): number[] {
  return message(field, [...Buffer.from(value)]);
}

function integer(field: number, value: number): number[] {
  return [field << 3, value];
}

/** ValueInfoProto: a float32 of shape [1]. */
function value(field: number, name: string): number[] {
  const shape = message(2, message(1, integer(1, 1)));
  return message(field, text(1, name), message(2, message(1, integer(1, 1), shape)));
}

const node = message(1, text(1, 'x'), text(1, 'x'), text(2, 'y'), text(4, 'Add'));
const graph = message(7, node, text(2, 'probe'), value(11, 'x'), value(12, 'y'));

export const probeGraph = Uint8Array.from([
  ...integer(1, 8),
  ...graph,
  ...message(8, integer(2, 17)),
]);
