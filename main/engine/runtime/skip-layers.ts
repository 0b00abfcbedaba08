/** Leaves out the last layers of a text encoder: what reads the last one's output reads an earlier one's. */
import type { GraphNode } from './graph-structure.ts';

/** The sum behind a layer's second half, as PyTorch's exporter names it. */
const layerSum = /(?:^|\/)layers\.(?<layer>\d+)\/Add(?:_\d+)?$/;

/**
 * @param count layers to leave out, from 1
 * @returns nodes in place of others; null if the graph has not more layers than `count` that can be told
 *   by their names
 */
export function skipLastLayers(
  nodes: readonly GraphNode[],
  count: number,
): ReadonlyMap<GraphNode, readonly GraphNode[]> | null {
  const outputs: string[] = [];
  for (const { name, operator, outputs: own } of nodes) {
    const layer = operator === 'Add' ? layerSum.exec(name)?.groups?.['layer'] : undefined;
    // Of a layer's two sums the later one is its output.
    if (layer !== undefined) outputs[Number(layer)] = own[0] ?? '';
  }
  const last = outputs.at(-1);
  const wanted = outputs[outputs.length - 1 - count];
  if (last === undefined || wanted === undefined) return null;
  return new Map(
    nodes
      .filter(({ inputs }) => inputs.includes(last))
      .map((node) => [
        node,
        [{ ...node, inputs: node.inputs.map((input) => (input === last ? wanted : input)) }],
      ]),
  );
}
