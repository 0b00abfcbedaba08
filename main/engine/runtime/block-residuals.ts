/**
 * Adds to what the blocks of a transformer hand on: the double blocks of Stable Diffusion 3 and Flux, and
 * Flux's single ones. A block's output is what the next one, or the last normalisation, reads first.
 */
import { newNode, type GraphNode } from './graph-structure.ts';

type Declare = (name: string, ...dims: readonly (number | string)[]) => void;

/**
 * @returns nodes in place of those that make the blocks' outputs; null if the graph has no blocks that can be
 *   told by their names
 */
export function addBlockResiduals(
  nodes: readonly GraphNode[],
  declare: Declare,
): ReadonlyMap<GraphNode, readonly GraphNode[]> | null {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const double = countBlocks(nodes, 'transformer_blocks');
  const single = countBlocks(nodes, 'single_transformer_blocks');
  const replacements = new Map<GraphNode, readonly GraphNode[]>();

  for (let block = 0; block < double; block += 1) {
    if (block + 1 < double) {
      if (!add(`control.block.${block}`, readBy(`transformer_blocks.${block + 1}/norm1/norm`)))
        return null;
    } else if (single > 0) {
      const joined = readBy('single_transformer_blocks.0/norm/norm');
      if (!add(`control.block.${block}`, pictureOf(joined))) return null;
    }
    // Stable Diffusion 3's last block hands on to no other: nothing is added behind it, as in diffusers.
  }
  for (let block = 0; block < single; block += 1) {
    const isLast = block + 1 === single;
    const output = isLast
      ? readBy('norm_out/norm')
      : pictureOf(readBy(`single_transformer_blocks.${block + 1}/norm/norm`));
    if (!add(`control.single.${block}`, output)) return null;
  }
  return replacements.size > 0 ? replacements : null;

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

  /** Single blocks read words and picture one after the other. */
  function pictureOf(joined: string | null): string | null {
    const join = producers.get(joined ?? '');
    return join?.operator === 'Concat' && join.inputs.length === 2
      ? (join.inputs[1] ?? null)
      : null;
  }

  function add(input: string, output: string | null): boolean {
    const maker = producers.get(output ?? '');
    if (output === null || !maker || replacements.has(maker)) return false;
    declare(input, ...['batch', 'tokens', 'width'].map((dim) => `${input} ${dim}`));
    const own = `${input}/base`;
    replacements.set(maker, [
      { ...maker, outputs: maker.outputs.map((name) => (name === output ? own : name)) },
      newNode('Add', [own, input], output),
    ]);
    return true;
  }
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
