/**
 * Gives a graph the inputs of a `GraphEdit`.
 *
 * Exports by PyTorch rename the weights of MatMul nodes (`onnx::MatMul_123`) but name each node by the
 * path of its module, so a module is found by the name of its weight where that still tells, and else
 * by the name of its node.
 * Low-rank terms: Hu et al. 2021, arXiv:2106.09685. Residuals: Zhang et al. 2023, arXiv:2302.05543.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { GraphEdit, GraphModule } from '../session.ts';
import { addBlockResiduals } from './block-residuals.ts';
import { graphName } from './graph-file.ts';
import {
  newNode,
  writeGraphStructure,
  type GraphNode,
  type GraphStructure,
  type Initializer,
} from './graph-structure.ts';
import { quantizeLinearLayers } from './int8-linear.ts';
import { elementTypes, valueInfo } from './onnx-message.ts';
import { editSkipJoins } from './skip-joins.ts';
import { skipLastLayers } from './skip-layers.ts';

type RealType = 'float32' | 'float16';

interface WeightedNode extends GraphModule {
  /** What makes the layer's output. */
  readonly node: GraphNode;
  /** What the layer reads. */
  readonly input: string;
  /** Of what the node computes with. */
  readonly type: RealType;
}

/** The layers of a graph, each once, in the order of the graph. */
export function listModules(structure: GraphStructure): readonly GraphModule[] {
  const modules = new Map<string, GraphModule>();
  for (const { path, kind, inFeatures, outFeatures, kernel } of weightedNodes(structure)) {
    modules.set(path, { path, kind, inFeatures, outFeatures, kernel });
  }
  return [...modules.values()];
}

/**
 * @returns a ModelProto
 * @throws {StudioError} `model-invalid` if the graph has not what the edit is for
 */
export function editGraph(
  path: string,
  structure: GraphStructure,
  edit: GraphEdit,
): Uint8Array<ArrayBuffer> {
  const inputs = new Map<string, readonly number[]>();
  const declare = (name: string, type: RealType, ...dims: readonly (number | string)[]) =>
    void inputs.set(name, valueInfo(11, name, type, ...dims));
  const replacements = new Map<GraphNode, readonly GraphNode[]>();
  const weighted = [...weightedNodes(structure)];

  addLowRankTerms(weighted, new Set(edit.lowRank), replacements, declare);
  for (const module of edit.lowRank) {
    if (!inputs.has(`${module}.lora_down`)) throw unfit(path, `it has no module "${module}"`);
  }
  const constants: (readonly number[])[] = [];
  if (edit.controlResiduals || edit.freeU) {
    // What skip connections and blocks hand on is of the type of their own layers.
    const own =
      weighted.find(({ path: module }) => module.startsWith('transformer_blocks.')) ??
      weighted.find(({ kind }) => kind === 'convolution');
    const type = own?.type ?? 'float32';
    const joins = editSkipJoins(structure.nodes, edit, (name, ...dims) =>
      declare(name, type, ...dims),
    );
    // A transformer has blocks in place of skip connections, and no FreeU.
    const blocks =
      joins === null && !edit.freeU
        ? addBlockResiduals(structure.nodes, (name, ...dims) => declare(name, type, ...dims))
        : null;
    const added = joins ?? blocks;
    if (!added) {
      throw unfit(
        path,
        'neither its skip connections nor its blocks can be found, and ControlNets and FreeU work on those. Export it with PyTorch’s exporter for ONNX',
      );
    }
    for (const [node, nodes] of added.replacements) replacements.set(node, nodes);
    constants.push(...added.constants);
  }
  if (edit.tokenEmbeddings) addTokenEmbeddings(path, structure, replacements, declare);
  if (edit.skippedLayers > 0) {
    const skipped = skipLastLayers(structure.nodes, edit.skippedLayers);
    if (!skipped) {
      throw unfit(
        path,
        `it has not more than ${edit.skippedLayers} layers that can be told by their names, and CLIP skip leaves that many out. Choose a smaller CLIP skip, or export the model with PyTorch’s exporter for ONNX`,
      );
    }
    for (const [node, nodes] of skipped) replacements.set(node, nodes);
  }
  const nodes = structure.nodes.flatMap((node) => replacements.get(node) ?? [node]);
  const added = [...constants, ...inputs.values()].map((field) => Uint8Array.from(field));
  if (!edit.int8Linear) return writeGraphStructure(structure, nodes, added);
  const int8 = quantizeLinearLayers(path, structure, nodes);
  if (!int8)
    throw unfit(
      path,
      'it has no linear layers of float32, and those of 8 bits are made of them. Switch linear layers in 8 bits off for this model',
    );
  return writeGraphStructure(int8.structure, int8.nodes, [...added, ...int8.added]);
}

type Declare = (name: string, type: RealType, ...dims: readonly (number | string)[]) => void;
type Replacements = Map<GraphNode, readonly GraphNode[]>;

function addLowRankTerms(
  weighted: readonly WeightedNode[],
  chosen: ReadonlySet<string>,
  replacements: Replacements,
  declare: Declare,
): void {
  for (const [index, module] of weighted.entries()) {
    if (!chosen.has(module.path)) continue;
    const { node, input, path, kind, inFeatures, outFeatures, kernel, type } = module;
    const [output = ''] = node.outputs;
    const own = (what: string) => `lora/${index}/${what}`;
    const down = `${path}.lora_down`;
    const up = `${path}.lora_up`;
    const rank = `rank of ${path}`;
    const operator = kind === 'linear' ? 'MatMul' : 'Conv';
    if (kind === 'linear') {
      declare(down, type, inFeatures, rank);
      declare(up, type, rank, outFeatures);
    } else {
      declare(down, type, rank, inFeatures, ...kernel);
      declare(up, type, outFeatures, rank, 1, 1);
    }
    // The first half strides and pads as the layer itself does; the second is 1 × 1.
    const attributes = kind === 'linear' ? [] : node.attributes;
    replacements.set(node, [
      { ...node, outputs: [own('base'), ...node.outputs.slice(1)] },
      { ...newNode(operator, [input, down], own('down')), attributes },
      newNode(operator, [own('down'), up], own('up')),
      newNode('Add', [own('base'), own('up')], output),
    ]);
  }
}

function addTokenEmbeddings(
  path: string,
  { nodes, initializers }: GraphStructure,
  replacements: Replacements,
  declare: Declare,
): void {
  const isTable = /token_embedding|embed_tokens|(?:^|\.)shared\.weight$/;
  const lookUp = nodes.find(
    ({ operator, inputs: [table = ''], name }) =>
      operator === 'Gather' &&
      initializers.has(table) &&
      (isTable.test(table) || isTable.test(name)),
  );
  const table = initializers.get(lookUp?.inputs[0] ?? '');
  const type = table ? realTypeOf(table.type) : null;
  const [, width] = table?.dims ?? [];
  if (!lookUp || !type || width === undefined) {
    throw unfit(
      path,
      'its table of token embeddings cannot be found, and embeddings are put there',
    );
  }
  const kept = 'token_embedding.kept';
  const added = 'token_embedding.added';
  declare(kept, type, `${kept} batch`, `${kept} length`, 1);
  declare(added, type, `${added} batch`, `${added} length`, width);
  const [output = ''] = lookUp.outputs;
  replacements.set(lookUp, [
    { ...lookUp, outputs: ['token_embedding/table'] },
    newNode('Mul', ['token_embedding/table', kept], 'token_embedding/kept'),
    newNode('Add', ['token_embedding/kept', added], output),
  ]);
}

function* weightedNodes({ nodes, initializers }: GraphStructure): Generator<WeightedNode> {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const consumers = new Map(nodes.flatMap((node) => node.inputs.map((name) => [name, node])));
  for (const layer of nodes) {
    const applied = appliedBy(layer, producers, consumers);
    if (!applied) continue;
    const weight = weightOf(layer.inputs[1] ?? '', initializers, producers);
    const type = applied.isQuantized ? 'float32' : weight?.type;
    if (!weight || !type) continue;
    const { node, input } = applied;
    const shared = { node, input, path: modulePath(layer, weight.name), type };
    const [first = 0, second = 0, ...kernel] = weight.dims;
    if (layer.operator === 'Conv') {
      // Layers in groups have no low-rank form of this kind.
      if (weight.dims.length !== 4 || integerAttribute(layer, 'group', 1) !== 1) continue;
      yield { ...shared, kind: 'convolution', inFeatures: second, outFeatures: first, kernel };
    } else if (weight.dims.length === 2) {
      const transposed = layer.operator === 'Gemm' && integerAttribute(layer, 'transB', 0) === 1;
      const [inFeatures, outFeatures] = transposed ? [second, first] : [first, second];
      yield { ...shared, kind: 'linear', inFeatures, outFeatures, kernel: [] };
    }
  }
}

/** What a layer reads as real numbers, and the node whose output it makes of them. */
function appliedBy(
  layer: GraphNode,
  producers: ReadonlyMap<string, GraphNode>,
  consumers: ReadonlyMap<string, GraphNode>,
): { readonly node: GraphNode; readonly input: string; readonly isQuantized: boolean } | null {
  const [input = ''] = layer.inputs;
  if (['MatMul', 'Gemm', 'Conv'].includes(layer.operator))
    return { node: layer, input, isQuantized: false };
  if (layer.operator !== 'MatMulInteger') return null;
  // Dynamic quantisation: x is made whole numbers before, and the product real numbers behind.
  const quantise = producers.get(input);
  const cast = consumers.get(layer.outputs[0] ?? '');
  const scale = consumers.get(cast?.outputs[0] ?? '');
  const [real] = quantise?.inputs ?? [];
  const fits =
    quantise?.operator === 'DynamicQuantizeLinear' &&
    cast?.operator === 'Cast' &&
    scale?.operator === 'Mul';
  return fits && real !== undefined ? { node: scale, input: real, isQuantized: true } : null;
}

interface Weight {
  readonly name: string;
  readonly dims: readonly number[];
  /** Of what is computed with; null where that is whole numbers. */
  readonly type: RealType | null;
}

const maxStorageSteps = 6;

/** The tensor behind an input, also where it is stored in another type or layout than it is used in. */
function weightOf(
  input: string,
  initializers: ReadonlyMap<string, Initializer>,
  producers: ReadonlyMap<string, GraphNode>,
  steps = 0,
): Weight | null {
  const own = initializers.get(input);
  if (own) return { name: own.name, dims: own.dims, type: realTypeOf(own.type) };
  const producer = producers.get(input);
  if (!producer || steps === maxStorageSteps) return null;
  const [stored = '', second = ''] = producer.inputs;
  const behind = weightOf(stored, initializers, producers, steps + 1);
  if (!behind) return null;
  switch (producer.operator) {
    case 'Cast':
      return { ...behind, type: realTypeOf(integerAttribute(producer, 'to', 0)) };
    case 'DequantizeLinear':
      return { ...behind, type: realTypeOf(initializers.get(second)?.type ?? 0) };
    // A scale per row or for all.
    case 'Mul':
    case 'Identity':
      return behind;
    case 'Transpose':
      return behind.dims.length === 2 ? { ...behind, dims: behind.dims.toReversed() } : null;
    default:
      return null;
  }
}

function realTypeOf(type: number): RealType | null {
  if (type === elementTypes.float32) return 'float32';
  return type === elementTypes.float16 ? 'float16' : null;
}

const wrappers = /^(?:(?:model|module|unet|transformer|controlnet|text_encoder|text_model)\.)+/;

function modulePath({ name }: GraphNode, weight: string): string {
  const named = /^(?<path>[\w.]+)\.weight(?:_quantized)?$/.exec(weight)?.groups?.['path'];
  const scope = name.split('/').slice(0, -1).filter(Boolean).join('.');
  return (named ?? scope).replace(wrappers, '');
}

/** AttributeProto: 1 name, 3 i. */
function integerAttribute({ attributes }: GraphNode, name: string, missing: number): number {
  const wanted = [10, name.length, ...new TextEncoder().encode(name)];
  for (const field of attributes) {
    // Field key and length come first; names and values of these attributes are short.
    const body = field.subarray(2);
    if (!wanted.every((byte, index) => body[index] === byte)) continue;
    const at = body.indexOf(24, wanted.length);
    return at < 0 ? missing : (body[at + 1] ?? missing);
  }
  return missing;
}

function unfit(path: string, why: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(path)} cannot be changed as asked: ${why}.`,
    { file: path },
  );
}
