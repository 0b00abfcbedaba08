/**
 * A workflow as ComfyUI's window saves it, made into a graph of its API: where only that was left in a file.
 * Its values stand in lists without names; those of the nodes that matter here are known.
 */
import { isRecord, listOf, recordOf, textOf, type JsonRecord } from '../bounded-json.ts';

/** In the order of the window's fields; an empty name is a field that the API does not have. */
const fields: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    KSampler: ['seed', '', 'steps', 'cfg', 'sampler_name', 'scheduler', 'denoise'],
    KSamplerAdvanced: [
      'add_noise',
      'noise_seed',
      '',
      'steps',
      'cfg',
      'sampler_name',
      'scheduler',
      'start_at_step',
      'end_at_step',
      'return_with_leftover_noise',
    ],
    SamplerCustom: ['add_noise', 'noise_seed', '', 'cfg'],
    RandomNoise: ['noise_seed'],
    KSamplerSelect: ['sampler_name'],
    BasicScheduler: ['scheduler', 'steps', 'denoise'],
    CFGGuider: ['cfg'],
    FluxGuidance: ['guidance'],
    CLIPTextEncode: ['text'],
    CLIPTextEncodeFlux: ['clip_l', 't5xxl', 'guidance'],
    CheckpointLoaderSimple: ['ckpt_name'],
    UNETLoader: ['unet_name'],
    VAELoader: ['vae_name'],
    LoraLoader: ['lora_name', 'strength_model', 'strength_clip'],
    LoraLoaderModelOnly: ['lora_name', 'strength_model'],
    CLIPSetLastLayer: ['stop_at_clip_layer'],
    EmptyLatentImage: ['width', 'height', 'batch_size'],
    EmptySD3LatentImage: ['width', 'height', 'batch_size'],
    LatentUpscale: ['upscale_method', 'width', 'height', 'crop'],
    LatentUpscaleBy: ['upscale_method', 'scale_by'],
    ControlNetLoader: ['control_net_name'],
    ControlNetApplyAdvanced: ['strength', 'start_percent', 'end_percent'],
    PrimitiveNode: ['value'],
  }),
);

const maxNodes = 10_000;
/** Nodes that are switched off, or passed by. */
const silentModes: ReadonlySet<unknown> = new Set([2, 4]);

export function graphOfWorkflow(workflow: JsonRecord): JsonRecord {
  const origins = new Map<string, string>();
  for (const link of listOf(workflow['links'])) {
    const [id, from] = isRecord(link) ? [link['id'], link['origin_id']] : listOf(link);
    if (typeof id === 'number' && (typeof from === 'number' || typeof from === 'string'))
      origins.set(String(id), String(from));
  }
  const graph: [string, unknown][] = [];
  for (const each of listOf(workflow['nodes']).slice(0, maxNodes)) {
    const node = recordOf(each);
    const type = textOf(node['type']);
    const id = node['id'];
    if (type === undefined || (typeof id !== 'number' && typeof id !== 'string')) continue;
    if (silentModes.has(node['mode'])) continue;
    const inputs: [string, unknown][] = [];
    const values = isRecord(node['widgets_values'])
      ? Object.entries(node['widgets_values'])
      : listOf(node['widgets_values']).map(
          (value, index) => [fields.get(type)?.[index] ?? '', value] as const,
        );
    for (const [name, value] of values) if (name !== '') inputs.push([name, value]);
    for (const input of listOf(node['inputs'])) {
      const { name, link } = recordOf(input);
      const origin = typeof link === 'number' ? origins.get(String(link)) : undefined;
      if (typeof name === 'string' && origin !== undefined) inputs.push([name, [origin, 0]]);
    }
    graph.push([String(id), { class_type: type, inputs: Object.fromEntries(inputs) }]);
  }
  return Object.fromEntries(graph);
}
