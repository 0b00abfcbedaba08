/** What a sampler of ComfyUI is told to draw: texts, and ControlNets on the way. */
import { textOf } from '../bounded-json.ts';
import type { Graph, GraphNode } from './comfyui-graph.ts';
import { plainFileName } from './told.ts';

export interface Conditioning {
  readonly text: string;
  /** The first node that encodes a text. */
  readonly encoder: GraphNode | null;
  /** Of models that were distilled with it. */
  readonly guidance: number | null;
  /** As the web UI writes ControlNets. */
  readonly controls: Readonly<Record<string, string>>;
  readonly left: readonly string[];
}

/** Pairs of texts that are mostly the same come from encoders with two inputs. */
const encoderInputs = [
  'text',
  'text_g',
  'text_l',
  't5xxl',
  'clip_l',
  'clip_g',
  'positive_prompt',
  'prompt',
];
const maxNodes = 500;
const maxControls = 8;
const maxTextLength = 200_000;

export function readConditioning(
  graph: Graph,
  sampler: GraphNode,
  side: 'positive' | 'negative',
): Conditioning {
  const guider = graph.from(sampler, 'guider') ?? sampler;
  const inputs = side === 'positive' ? ['positive', 'conditioning', 'cond1'] : ['negative'];
  const texts: string[] = [];
  const left: string[] = [];
  const controls: Record<string, string> = {};
  let encoder: GraphNode | null = null;
  let guidance: number | null = null;
  let length = 0;
  const seen = new Set([guider]);
  const waiting = [...graph.sources(guider, inputs)];
  for (const node of waiting) {
    if (seen.has(node) || seen.size > maxNodes) continue;
    seen.add(node);
    const { type } = node;
    // Made from a text, but all zeros.
    if (type === 'ConditioningZeroOut') continue;
    const found = encodedTexts(graph, node);
    if (found) {
      encoder ??= node;
      const own = found.filter((text) => text.trim() !== '' && !texts.includes(text));
      length += own.reduce((sum, text) => sum + text.length, 0);
      if (length <= maxTextLength) texts.push(...own);
      guidance ??= type === 'CLIPTextEncodeFlux' ? (graph.figure(node, 'guidance') ?? null) : null;
      continue;
    }
    if (type === 'FluxGuidance') guidance ??= graph.figure(node, 'guidance') ?? null;
    const isControl = /^ControlNetApply|^Apply.*ControlNet/.test(type);
    if (isControl && Object.keys(controls).length < maxControls)
      controls[`ControlNet ${Object.keys(controls).length}`] = controlText(graph, node);
    if (/unCLIP|StyleModel|IPAdapter|GLIGEN|SetArea|SetMask/i.test(type))
      left.push(`“${type}”, which had a say in what was drawn, does not exist here.`);
    const own = graph.sources(node, inputs);
    waiting.push(...(own.length > 0 ? own : graph.sources(node, conditioningNames(node))));
  }
  return { text: texts.join('\n'), encoder, guidance, controls, left };
}

function conditioningNames({ inputs }: GraphNode): readonly string[] {
  const named = Object.keys(inputs).filter((name) => /cond/i.test(name));
  return named.length > 0 ? named : Object.keys(inputs);
}

/** Null where the node encodes none. */
function encodedTexts(graph: Graph, node: GraphNode): readonly string[] | null {
  if (!/encode|prompt/i.test(node.type) || /VAEEncode/i.test(node.type)) return null;
  const texts = encoderInputs
    .map((input) => graph.text(node, input))
    .filter((text) => text !== undefined);
  return texts.length === 0 ? null : [...new Set(texts)];
}

function controlText(graph: Graph, node: GraphNode): string {
  const loader = graph.nearest(node, ({ inputs }) => inputs['control_net_name'] !== undefined, [
    'control_net',
  ]);
  const model = plainFileName(textOf(loader?.inputs['control_net_name'])) ?? 'unknown';
  return (
    `Module: none, Model: ${model}, Weight: ${graph.figure(node, 'strength') ?? 1}, ` +
    `Guidance Start: ${graph.figure(node, 'start_percent') ?? 0}, ` +
    `Guidance End: ${graph.figure(node, 'end_percent') ?? 1}`
  );
}
