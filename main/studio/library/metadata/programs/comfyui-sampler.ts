/** Nodes of ComfyUI that draw, and what they are told, whether by themselves or by nodes around them. */
import { textOf } from '../bounded-json.ts';
import type { Graph, GraphNode } from './comfyui-graph.ts';

export interface Sampling {
  readonly seed: string | undefined;
  readonly steps: number | undefined;
  readonly guidance: number | undefined;
  readonly sampler: string | undefined;
  readonly schedule: string | undefined;
  /** Share of the steps that is denoised. */
  readonly denoise: number | undefined;
  /** The step from which it goes on. */
  readonly startsAt: number | undefined;
  readonly addsNoise: boolean;
}

/** Those of ComfyUI, and others that look like them. */
export function isSampler({ type, inputs }: GraphNode): boolean {
  if (/^(?:KSampler|KSamplerAdvanced|SamplerCustom|SamplerCustomAdvanced)$/.test(type)) return true;
  return (
    /sampler/i.test(type) &&
    inputs['steps'] !== undefined &&
    (inputs['seed'] !== undefined || inputs['noise_seed'] !== undefined)
  );
}

export function readSampler(graph: Graph, node: GraphNode): Sampling {
  const noise = graph.from(node, 'noise') ?? node;
  const guider = graph.from(node, 'guider') ?? node;
  const method = graph.from(node, 'sampler') ?? node;
  const sigmas = scheduleOf(graph, node);
  const name =
    textOf(method.inputs['sampler_name']) ??
    graph.text(method, 'sampler_name') ??
    textOf(method.inputs['sampler']);
  return {
    seed: graph.whole(noise, 'noise_seed', 'seed'),
    steps: graph.figure(sigmas, 'steps'),
    guidance: graph.figure(guider, 'cfg', 'cfg_conds'),
    sampler: name ?? namedBy(method, 'Sampler'),
    schedule:
      textOf(sigmas.inputs['scheduler']) ??
      graph.text(sigmas, 'scheduler') ??
      scheduleNames.get(sigmas.type),
    denoise: graph.figure(sigmas, 'denoise'),
    startsAt: graph.figure(node, 'start_at_step'),
    addsNoise: textOf(node.inputs['add_noise']) !== 'disable' && node.inputs['add_noise'] !== false,
  };
}

/** Behind nodes that cut or flip what it gives. */
function scheduleOf(graph: Graph, node: GraphNode): GraphNode {
  const sigmas = graph.from(node, 'sigmas');
  if (!sigmas) return node;
  const hasSteps = (each: GraphNode) => each.inputs['steps'] !== undefined;
  return hasSteps(sigmas) ? sigmas : (graph.nearest(sigmas, hasSteps, ['sigmas']) ?? sigmas);
}

const scheduleNames: ReadonlyMap<string, string> = new Map([
  ['KarrasScheduler', 'karras'],
  ['ExponentialScheduler', 'exponential'],
  ['BetaSamplingScheduler', 'beta'],
  ['AlignYourStepsScheduler', 'ays'],
]);

/** `SamplerDPMPP_2M_SDE` and its like are named after their method. */
function namedBy({ type }: GraphNode, start: string): string | undefined {
  return type.startsWith(start) && type.length > start.length
    ? type.slice(start.length)
    : undefined;
}
