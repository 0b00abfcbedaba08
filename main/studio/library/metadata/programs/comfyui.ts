/**
 * ComfyUI: the graph that made the picture, read backwards from where it is saved.
 *
 * The sampler that is nearest to the saved picture counts. Two patterns of two samplers are one picture in two passes
 * in the web UI's words too: enlarged latents denoised again, and a refiner that goes on from a step.
 */
import { isRecord, textOf, type JsonRecord } from '../bounded-json.ts';
import { readConditioning } from './comfyui-conditioning.ts';
import { readGraph, type Graph, type GraphNode } from './comfyui-graph.ts';
import { readModelChain } from './comfyui-model.ts';
import { isSampler, readSampler, type Sampling } from './comfyui-sampler.ts';
import { graphOfWorkflow } from './comfyui-workflow.ts';
import { pairsOf, plainFileName, type Told } from './told.ts';

/** A graph, a workflow as the window has it, or both under their names. */
export function isComfyUi(value: JsonRecord): boolean {
  return apiGraphIn(value) !== null || Array.isArray(workflowIn(value)?.['nodes']);
}

export function readComfyUi(value: JsonRecord, problems: string[]): Told | null {
  const api = apiGraphIn(value);
  const workflow = workflowIn(value);
  const graph = readGraph(api ?? (workflow ? graphOfWorkflow(workflow) : {}));
  if (!graph) return null;
  const told = readSaved(graph);
  if (graph.isExhausted())
    problems.push('The graph of ComfyUI is too tangled to be read to its end.');
  if (!told) problems.push('The graph of ComfyUI has no sampler that is known here.');
  return told;
}

function apiGraphIn(value: JsonRecord): JsonRecord | null {
  const inner = value['prompt'];
  const graph = isRecord(inner) ? inner : value;
  const isGraph = Object.values(graph)
    .slice(0, 50)
    .some((node) => isRecord(node) && typeof node['class_type'] === 'string');
  return isGraph ? graph : null;
}

function workflowIn(value: JsonRecord): JsonRecord | null {
  if (Array.isArray(value['nodes'])) return value;
  return isRecord(value['workflow']) ? value['workflow'] : null;
}

function readSaved(graph: Graph): Told | null {
  const left: string[] = [];
  const saved = savedBy(graph);
  const last = saved.sampler;
  if (!last) return null;
  if (saved.others > 0)
    left.push(
      'Its graph saves several pictures; these are the settings of the one with the most passes.',
    );
  const lastPass = readSampler(graph, last);
  const before = graph.nearest(last, (node) => isSampler(node), latentInputs);
  const passes = before ? passesOf(graph, before, last, lastPass) : null;
  const main = passes?.main ?? last;
  const sampling = passes?.sampling ?? lastPass;
  if (before && !passes)
    left.push('An earlier sampler made what this one went on from; that pass is not taken over.');

  const positive = readConditioning(graph, main, 'positive');
  const negative = readConditioning(graph, main, 'negative');
  const model = readModelChain(graph, main, positive.encoder);
  const decoder =
    saved.sink && graph.nearest(saved.sink, ({ type }) => type.startsWith('VAEDecode'));
  const vae = decoder && graph.from(decoder, 'vae');
  const latents = latentsOf(graph, main);
  if (latents.batch > 1)
    left.push(
      'It is one of several pictures from one seed; the first of them is what the settings give.',
    );
  const isFlow = model.isFlow || positive.guidance !== null || latents.isFlow;
  if (positive.guidance !== null)
    left.push(`Its distilled guidance of ${positive.guidance} cannot be set here.`);
  left.push(...model.left, ...positive.left);
  return {
    program: 'comfyui',
    prompt: positive.text,
    negativePrompt: negative.text,
    here: null,
    pairs: pairsOf({
      Steps: sampling.steps,
      Sampler: isFlow ? flowSampler(sampling.sampler) : sampling.sampler,
      'Schedule type': sampling.schedule,
      'CFG scale': sampling.guidance ?? (isFlow ? 1 : null),
      Seed: sampling.seed,
      Size: latents.size,
      Model: model.name,
      'Denoising strength': isPart(sampling.denoise) ? sampling.denoise : null,
      'Clip skip': model.clipSkip,
      VAE: vae?.type === 'VAELoader' ? plainFileName(textOf(vae.inputs['vae_name'])) : null,
      'Distilled CFG Scale': positive.guidance,
      ...model.pairs,
      ...passes?.pairs,
      ...positive.controls,
    }),
    implied: { RNG: 'CPU', Emphasis: 'Comfy' },
    loras: model.loras,
    left: [...new Set(left)],
  };
}

const latentInputs = ['latent_image', 'latent', 'samples', 'image', 'pixels'];
const isPart = (denoise: number | undefined) => denoise !== undefined && denoise < 1;

/** Only flows are drawn by these models, and the methods have names of their own here. */
function flowSampler(name: string | undefined): string | undefined {
  if (name === 'euler') return 'flow-euler';
  return name === 'heun' ? 'flow-heun' : name;
}

/** Of several saved pictures the one with the most samplers before it. */
function savedBy(graph: Graph) {
  const sinks = graph.nodes.filter(
    ({ type }) => /Save/.test(type) && /Image|Video|Anim|Pic/i.test(type),
  );
  const shown = graph.nodes.filter(({ type }) => /Preview.*Image|Image.*Preview/i.test(type));
  const ways = (sinks.length > 0 ? sinks : shown).slice(0, mostSinks).map((sink) => {
    const sampler = graph.nearest(sink, isSampler);
    let passes = 0;
    for (
      let each = sampler;
      each && passes < mostPasses;
      each = graph.nearest(each, isSampler, latentInputs)
    )
      passes += 1;
    return { sink, sampler, passes };
  });
  const most = ways.reduce<(typeof ways)[number] | null>(
    (best, way) => (best && best.passes >= way.passes ? best : way),
    null,
  );
  const others = new Set(ways.filter(({ sampler }) => sampler).map(({ sampler }) => sampler)).size;
  const only = most ? null : (graph.nodes.findLast(isSampler) ?? null);
  return {
    sink: most?.sink ?? null,
    sampler: most?.sampler ?? only,
    others: Math.max(others - 1, 0),
  };
}

const mostPasses = 10;
const mostSinks = 50;

/** Null where the two are no pattern that the web UI has words for. */
function passesOf(graph: Graph, before: GraphNode, last: GraphNode, second: Sampling) {
  const first = readSampler(graph, before);
  if (second.startsAt !== undefined && second.startsAt > 0 && !second.addsNoise) {
    const refiner = readModelChain(graph, last, null);
    const steps = second.steps ?? first.steps ?? 0;
    if (steps === 0 || refiner.name === undefined) return null;
    const pairs = {
      Refiner: refiner.name,
      'Refiner switch at': Math.round((1000 * second.startsAt) / steps) / 1000,
    };
    return { main: before, sampling: { ...first, denoise: undefined }, pairs };
  }
  const enlarged = graph.nearest(
    last,
    ({ type }) => /^LatentUpscale(?:By)?$/.test(type),
    latentInputs,
  );
  if (!enlarged || !isPart(second.denoise)) return null;
  const width = graph.figure(enlarged, 'width');
  const own = latentsOf(graph, before).width;
  const scale =
    graph.figure(enlarged, 'scale_by') ??
    (width !== undefined && own !== undefined
      ? Math.round((1000 * width) / own) / 1000
      : undefined);
  if (scale === undefined) return null;
  const method = textOf(enlarged.inputs['upscale_method']) ?? '';
  const pairs = {
    'Hires upscale': scale,
    'Hires steps': second.steps,
    'Hires upscaler': latentMethods.get(method) ?? 'Latent',
    'Denoising strength': second.denoise,
  };
  return { main: before, sampling: first, pairs };
}

const latentMethods: ReadonlyMap<string, string> = new Map([
  ['nearest-exact', 'Latent (nearest)'],
  ['bilinear', 'Latent'],
  ['bicubic', 'Latent (bicubic)'],
]);

function latentsOf(graph: Graph, sampler: GraphNode) {
  const isEmpty = ({ type, inputs }: GraphNode) =>
    /Latent/i.test(type) && inputs['width'] !== undefined && inputs['height'] !== undefined;
  const empty = graph.nearest(sampler, isEmpty, latentInputs);
  const width = empty ? graph.figure(empty, 'width') : undefined;
  const height = empty ? graph.figure(empty, 'height') : undefined;
  return {
    width,
    size: width === undefined || height === undefined ? null : `${width}x${height}`,
    batch: empty ? (graph.figure(empty, 'batch_size') ?? 1) : 1,
    isFlow: /SD3|Flux/i.test(empty?.type ?? ''),
  };
}
