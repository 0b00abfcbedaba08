/**
 * Adds to what the blocks of a transformer hand on: the double blocks of Stable Diffusion 3 and Flux, and
 * Flux's single ones. A block's output is what the next one, or the last normalisation, reads first. Single
 * blocks join words and picture, each for itself or, as earlier versions of diffusers had it, once for all
 * of them; residuals belong to the picture.
 */
import { newNode, type GraphNode } from './graph-structure.ts';
import { integerConstant } from './onnx-message.ts';

type Declare = (name: string, ...dims: readonly (number | string)[]) => void;

/** Nodes in place of those that make the blocks' outputs, and GraphProto fields they need. */
export interface BlockResiduals {
  readonly replacements: ReadonlyMap<GraphNode, readonly GraphNode[]>;
  readonly constants: readonly (readonly number[])[];
}

/** Words and picture, one after the other. */
interface Join {
  readonly node: GraphNode;
  readonly words: string;
  readonly picture: string;
}

/** @returns null if the graph has no blocks that can be told by their names */
export function addBlockResiduals(
  nodes: readonly GraphNode[],
  declare: Declare,
): BlockResiduals | null {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const double = countBlocks(nodes, 'transformer_blocks');
  const single = countBlocks(nodes, 'single_transformer_blocks');
  const firstJoin = joinOf(readBy('single_transformer_blocks.0/norm/norm'));
  const replacements = new Map<GraphNode, readonly GraphNode[]>();
  const constants = new Map<string, readonly number[]>();

  for (let block = 0; block < double; block += 1) {
    const isLast = block + 1 === double;
    // Stable Diffusion 3's last block hands on to no other: nothing is added behind it, as in diffusers.
    if (isLast && single === 0) break;
    const output = isLast
      ? (firstJoin?.picture ?? null)
      : readBy(`transformer_blocks.${block + 1}/norm1/norm`);
    if (!add(`control.block.${block}`, output)) return null;
  }
  for (let block = 0; block < single; block += 1) {
    const isLast = block + 1 === single;
    const output = readBy(
      isLast ? 'norm_out/norm' : `single_transformer_blocks.${block + 1}/norm/norm`,
    );
    const picture = isLast ? output : (joinOf(output)?.picture ?? null);
    const input = `control.single.${block}`;
    if (picture === null ? !addToJoined(input, output) : !add(input, picture)) return null;
  }
  return replacements.size > 0 ? { replacements, constants: [...constants.values()] } : null;

  /** The first value from outside that nodes of a scope read. */
  function readBy(scope: string): string | null {
    const own = nodes.filter(({ name }) => isIn(name, scope));
    const made = new Set(own.flatMap(({ outputs }) => outputs));
    for (const { inputs } of own)
      for (const input of inputs)
        if (!made.has(input) && producers.get(input)?.operator.startsWith('Constant') === false)
          return input;
    return null;
  }

  function joinOf(value: string | null): Join | null {
    const node = producers.get(value ?? '');
    if (node?.operator !== 'Concat' || node.inputs.length !== 2) return null;
    const [words = '', picture = ''] = node.inputs;
    return { node, words, picture };
  }

  function add(input: string, output: string | null): boolean {
    const maker = makerOf(output);
    if (output === null || !maker) return false;
    declareResidual(input);
    const own = `${input}/base`;
    replacements.set(maker, [renamed(maker, output, own), newNode('Add', [own, input], output)]);
    return true;
  }

  /** To the picture's part of what words and picture have become together. */
  function addToJoined(input: string, output: string | null): boolean {
    const maker = makerOf(output);
    if (output === null || !maker || !firstJoin) return false;
    declareResidual(input);
    const { node: join, words } = firstJoin;
    const own = (what: string) => `${input}/${what}`;
    const [zero, one, two, end] = [constant(0), constant(1), constant(2), constant(2 ** 31 - 1)];
    replacements.set(maker, [
      renamed(maker, output, own('base')),
      newNode('Shape', [words], own('shape')),
      newNode('Slice', [own('shape'), one, two, zero], own('length')),
      newNode('Slice', [own('base'), zero, own('length'), one], own('words')),
      newNode('Slice', [own('base'), own('length'), end, one], own('picture')),
      newNode('Add', [own('picture'), input], own('sum')),
      { ...join, name: '', inputs: [own('words'), own('sum')], outputs: [output] },
    ]);
    return true;
  }

  /** Null for what two blocks seem to make: then the graph is of another kind. */
  function makerOf(output: string | null): GraphNode | null {
    const maker = producers.get(output ?? '');
    return maker && !replacements.has(maker) ? maker : null;
  }

  function declareResidual(input: string): void {
    declare(input, ...['batch', 'tokens', 'width'].map((dim) => `${input} ${dim}`));
  }

  function constant(value: number): string {
    const name = `control/${value}`;
    constants.set(name, integerConstant(name, [value]));
    return name;
  }
}

function renamed(node: GraphNode, output: string, name: string): GraphNode {
  return { ...node, outputs: node.outputs.map((own) => (own === output ? name : own)) };
}

/** Whatever wraps the transformer stands before its own modules. */
const wrappers = '^/?(?:(?:model|module|transformer)/)*';

function isIn(name: string, scope: string): boolean {
  return new RegExp(`${wrappers}${scope.replaceAll('.', String.raw`\.`)}/`).test(name);
}

function countBlocks(nodes: readonly GraphNode[], list: string): number {
  const pattern = new RegExp(String.raw`${wrappers}${list}\.(?<block>\d+)/`);
  let count = 0;
  for (const { name } of nodes) {
    const block = pattern.exec(name)?.groups?.['block'];
    if (block !== undefined) count = Math.max(count, Number(block) + 1);
  }
  return count;
}
