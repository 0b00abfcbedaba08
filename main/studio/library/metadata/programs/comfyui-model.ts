/** What a sampler of ComfyUI draws with: its checkpoint, and all that was put between the two. */
import { figureOf, isRecord, textOf } from '../bounded-json.ts';
import type { Graph, GraphNode } from './comfyui-graph.ts';
import { plainFileName, type ToldLora } from './told.ts';

export interface ModelChain {
  readonly name: string | undefined;
  readonly loras: readonly ToldLora[];
  readonly clipSkip: number | null;
  readonly isFlow: boolean;
  readonly pairs: Readonly<Record<string, string | number>>;
  readonly left: readonly string[];
}

const maxNodes = 200;
const fileInputs = ['ckpt_name', 'unet_name', 'model_name', 'gguf_name', 'model'];

/** @param encoder the node that encodes the prompt, whose text encoder has a chain of its own */
export function readModelChain(
  graph: Graph,
  sampler: GraphNode,
  encoder: GraphNode | null,
): ModelChain {
  const guider = graph.from(sampler, 'guider');
  const chain = [...nodesAlong(graph, guider ?? sampler, 'model')];
  const clips = encoder ? [...nodesAlong(graph, encoder, 'clip')] : [];
  const left: string[] = [];
  const pairs: Record<string, string | number> = {};
  for (const node of chain) {
    const { type, inputs } = node;
    if (/^FreeU(?:_V2)?$/.test(type)) {
      pairs['freeu_enabled'] = 'True';
      for (const name of ['b1', 'b2', 's1', 's2'])
        pairs[`freeu_${name}`] = figureOf(inputs[name]) ?? '';
    } else if (type === 'RescaleCFG')
      pairs['CFG rescale phi'] = figureOf(inputs['multiplier']) ?? '';
    else if (
      fileOf(graph, node) === undefined &&
      lorasOf(graph, node).length === 0 &&
      !isPlain(type)
    )
      left.push(`“${type}”, which changed its model, does not exist here.`);
  }
  const skipping = clips.find(({ type }) => type === 'CLIPSetLastLayer');
  const layer = skipping && graph.figure(skipping, 'stop_at_clip_layer');
  return {
    name: chain.map((node) => fileOf(graph, node)).find((file) => file !== undefined),
    // The nearest to the model is the first.
    loras: chain.toReversed().flatMap((node) => lorasOf(graph, node)),
    clipSkip: layer !== undefined && layer < -1 ? -layer : null,
    isFlow: chain.some(({ type }) => /^ModelSampling(?:Flux|SD3|AuraFlow)$/.test(type)),
    pairs,
    left,
  };
}

/** Nodes that pass something on under the same name, from the nearest on. */
function* nodesAlong(graph: Graph, start: GraphNode, input: string): Generator<GraphNode> {
  const seen = new Set([start]);
  for (
    let node = nextAlong(graph, start, input);
    node && !seen.has(node);
    node = nextAlong(graph, node, input)
  ) {
    if (seen.size > maxNodes) return;
    seen.add(node);
    yield node;
  }
}

/** Nodes in between can have it under any name. */
function nextAlong(graph: Graph, node: GraphNode, input: string): GraphNode | null {
  const named = graph.from(node, input);
  if (named) return named;
  const isPassing =
    /^(?:Reroute|Any|Switch|Get|Set)/i.test(node.type) || /pipe|loader/i.test(node.type);
  return isPassing ? (graph.sources(node)[0] ?? null) : null;
}

/** They change how a step is computed, and not what comes out, or are taken for granted. */
function isPlain(type: string): boolean {
  return /^(?:Reroute|ModelSampling|TorchCompile|Patch|.*Cache|Get|Set|Any)/i.test(type);
}

function fileOf(graph: Graph, node: GraphNode): string | undefined {
  for (const input of fileInputs) {
    const text = textOf(node.inputs[input]);
    if (text !== undefined) return plainFileName(text);
  }
  const isLoader = /Loader/i.test(node.type) && !/lora/i.test(node.type);
  return isLoader ? plainFileName(graph.text(node, ...fileInputs)) : undefined;
}

function lorasOf(graph: Graph, node: GraphNode): readonly ToldLora[] {
  const name = plainFileName(textOf(node.inputs['lora_name']));
  if (name !== undefined && name !== 'None') {
    const unetWeight = graph.figure(node, 'strength_model', 'strength', 'lora_wt') ?? 1;
    // A loader for the model alone leaves the text encoder as it is.
    const textWeight = /ModelOnly/.test(node.type)
      ? 0
      : (graph.figure(node, 'strength_clip') ?? unetWeight);
    return [{ name, unetWeight, textWeight }];
  }
  // Nodes that load several have one object for each.
  return Object.entries(node.inputs).flatMap(([input, value]) => {
    if (!/^lora_\d{1,3}$/i.test(input) || !isRecord(value) || value['on'] === false) return [];
    const own = plainFileName(textOf(value['lora']));
    const weight = figureOf(value['strength']) ?? 1;
    const textWeight = figureOf(value['strengthTwo']) ?? weight;
    return own === undefined ? [] : [{ name: own, unetWeight: weight, textWeight }];
  });
}
