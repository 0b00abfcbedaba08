/**
 * Changes where the blocks on the way up of a UNet join hidden states with skip connections, the last
 * one first. Residuals of ControlNets come before FreeU, as in diffusers.
 */
import type { GraphEdit } from '../session.ts';
import { newNode, type GraphNode } from './graph-structure.ts';
import { integerConstant } from './onnx-message.ts';

const upConcatenation = /(?:^|\/)up_blocks\.(?<block>\d+)\/Concat(?:_\d+)?$/;
/** FreeU's authors change these alone. */
const freeUBlocks: ReadonlySet<string> = new Set(['0', '1']);

type Declare = (name: string, ...dims: readonly (number | string)[]) => void;

/** Nodes in place of the joins, and GraphProto fields they need. */
export interface SkipJoins {
  readonly replacements: ReadonlyMap<GraphNode, readonly GraphNode[]>;
  readonly constants: readonly (readonly number[])[];
}

/** @returns null if the graph has no joins that can be told by their names */
export function editSkipJoins(
  nodes: readonly GraphNode[],
  { controlResiduals, freeU }: Pick<GraphEdit, 'controlResiduals' | 'freeU'>,
  declare: Declare,
): SkipJoins | null {
  const joins = nodes.flatMap((node) => {
    const block = upConcatenation.exec(node.name)?.groups?.['block'];
    const isJoin = node.operator === 'Concat' && node.inputs.length === 2;
    return isJoin && block !== undefined ? [{ node, block }] : [];
  });
  if (joins.length === 0) return null;
  const replacements = new Map<GraphNode, readonly GraphNode[]>();
  for (const [index, { node, block }] of joins.entries()) {
    const added: GraphNode[] = [];
    let [hidden = '', skip = ''] = node.inputs;
    if (controlResiduals) {
      skip = residual(skip, `control.down.${joins.length - 1 - index}`);
      if (index === 0) hidden = residual(hidden, 'control.mid');
    }
    const joined =
      freeU && freeUBlocks.has(block)
        ? [...weighedHalves(hidden, block, index), filtered(skip, block, index)]
        : [hidden, skip];
    replacements.set(node, [...added, { ...node, inputs: joined }]);

    function put(operator: string, inputs: readonly string[], output: string): string {
      added.push(newNode(operator, inputs, output));
      return output;
    }

    function residual(input: string, value: string): string {
      declare(value, ...['batch', 'channels', 'height', 'width'].map((dim) => `${value} ${dim}`));
      return put('Add', [input, value], `${value}/sum`);
    }

    function weighedHalves(input: string, own: string, join: number): readonly string[] {
      const scope = (what: string) => `freeu/${join}/${what}`;
      declare(`freeu.${own}.backbone`);
      const shape = put('Shape', [input], scope('shape'));
      const channels = put('Slice', [shape, 'freeu/1', 'freeu/2'], scope('channels'));
      const half = put('Div', [channels, 'freeu/2'], scope('half'));
      const first = put('Slice', [input, 'freeu/0', half, 'freeu/1'], scope('first'));
      const rest = put('Slice', [input, half, channels, 'freeu/1'], scope('second'));
      return [put('Mul', [first, `freeu.${own}.backbone`], scope('weighed')), rest];
    }

    function filtered(input: string, own: string, join: number): string {
      const scope = (what: string) => `freeu/${join}/${what}`;
      const [analysis, synthesis] = [`freeu.${own}.analysis`, `freeu.${own}.synthesis`];
      declare(analysis, `${analysis} area`, `${analysis} frequencies`);
      declare(synthesis, `${synthesis} frequencies`, `${synthesis} area`);
      const shape = put('Shape', [input], scope('skip shape'));
      const flat = put('Reshape', [input, 'freeu/rows'], scope('flat'));
      const spectrum = put('MatMul', [flat, analysis], scope('spectrum'));
      const low = put('MatMul', [spectrum, synthesis], scope('low'));
      const planes = put('Reshape', [low, shape], scope('planes'));
      return put('Add', [input, planes], scope('filtered'));
    }
  }
  const constants = freeU
    ? [
        integerConstant('freeu/0', [0]),
        integerConstant('freeu/1', [1]),
        integerConstant('freeu/2', [2]),
        // Batch and channels as they are, rows and columns as one.
        integerConstant('freeu/rows', [0, 0, -1]),
      ]
    : [];
  return { replacements, constants };
}
