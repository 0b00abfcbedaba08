/** What the axes of a grid can vary: their names, how values are read, and what they change. */
import type { GridField } from './grid.ts';
import { choices, named, numbers, replacing, texts, type FieldFacts } from './grid-field-kinds.ts';
import {
  emphasisNames,
  HiresFix,
  latentUpscalerNames,
  noiseSourceNames,
  pixelUpscalerNames,
} from './image-options.ts';
import type { ImageSettings } from './image-request.ts';
import { takeAdapters } from './prompt/adapters.ts';
import {
  parseScheduleName,
  parseSchedulerName,
  scheduleTitle,
  schedulerTitle,
} from './scheduler-names.ts';

export const gridFieldFacts: Readonly<Record<GridField, FieldFacts>> = {
  model: texts('Model', 'starter, other-model', (s, modelId) => ({ ...s, modelId }), {
    cost: 4,
    aliases: ['checkpoint'],
  }),
  'prompt-replace': replacing('Prompt words', 'prompt', ['prompt', 'prompt-s/r', 'prompt-sr']),
  'negative-prompt-replace': replacing('Negative words', 'negativePrompt', ['negative']),
  seed: numbers('Seed', '1-4', true, (s, seed) => ({ ...s, seed })),
  'variation-seed': numbers(
    'Variation seed',
    '1-4',
    true,
    (s, seed) => ({ ...s, variation: lastChanged(s, { seed }) }),
    { aliases: ['var-seed', 'subseed'] },
  ),
  'variation-strength': numbers(
    'Variation',
    '0-0.5 (0.1)',
    false,
    (s, strength) => ({ ...s, variation: lastChanged(s, { strength }) }),
    { aliases: ['var-strength', 'variation', 'subseed-strength'] },
  ),
  steps: numbers('Steps', '4, 8, 12', true, (s, steps) => ({ ...s, steps })),
  guidance: numbers('Guidance', '3-9 (2)', false, (s, scale) => ({ ...s, guidanceScale: scale }), {
    aliases: ['cfg', 'cfg-scale', 'guidance-scale'],
  }),
  rescale: numbers('Rescale', '0, 0.7', false, (s, rescale) => ({
    ...s,
    guidanceRescale: rescale,
  })),
  scheduler: {
    ...named('Sampler', 'Euler, DDIM, DPM++ 2M Karras', parseSchedulerName, {
      apply: (s, { scheduler, sigmaSchedule }) => ({
        ...s,
        scheduler,
        sigmaSchedule: sigmaSchedule ?? s.sigmaSchedule,
      }),
      label: ({ scheduler, sigmaSchedule }) =>
        schedulerTitle(scheduler) + (sigmaSchedule ? ` ${scheduleTitle(sigmaSchedule)}` : ''),
      unknown: (text) => `No sampler is called "${text}".`,
    }),
    aliases: ['sampler'],
  },
  schedule: {
    ...named('Schedule', 'Normal, Karras, Beta', parseScheduleName, {
      apply: (s, sigmaSchedule) => ({ ...s, sigmaSchedule }),
      label: scheduleTitle,
      unknown: (text) => `No schedule is called "${text}".`,
    }),
    aliases: ['schedule-type', 'sigma-schedule'],
  },
  eta: numbers('Eta', '0, 0.5, 1', false, (s, eta) => ({
    ...s,
    samplerOptions: { ...s.samplerOptions, eta },
  })),
  churn: numbers(
    'Churn',
    '0, 5, 10',
    false,
    (s, sChurn) => ({ ...s, samplerOptions: { ...s.samplerOptions, sChurn } }),
    { aliases: ['sigma-churn', 's-churn'] },
  ),
  size: named('Size', '256x256, 256x384', parseSize, {
    apply: (s, size) => ({ ...s, ...size }),
    label: ({ width, height }) => `${width} × ${height}`,
    unknown: (text) => `"${text}" is not a size such as 512x768.`,
    cost: 1,
  }),
  strength: numbers(
    'Strength',
    '0.3-0.9 (0.2)',
    false,
    (s, strength) => (s.source ? { ...s, source: { ...s.source, strength } } : s),
    { aliases: ['denoising', 'denoising-strength'], lacks: ({ source }) => lacksSource(source) },
  ),
  'mask-blur': numbers(
    'Mask blur',
    '0, 4, 16',
    false,
    (s, blurPx) =>
      s.source?.mask ? { ...s, source: { ...s.source, mask: { ...s.source.mask, blurPx } } } : s,
    { lacks: ({ source }) => (source?.mask ? null : 'There is no mask to blur.') },
  ),
  'clip-skip': numbers('Clip skip', '1-3', true, (s, clipSkip) => ({ ...s, clipSkip }), {
    aliases: ['clip'],
  }),
  emphasis: choices('Brackets', emphasisNames, (s, emphasis) => ({ ...s, emphasis })),
  noise: choices('Noise', noiseSourceNames, (s, noise) => ({ ...s, noise })),
  'lora-weight': {
    ...numbers('LoRA', '0-1 (0.25)', false, withLoraWeight, { cost: 2, aliases: ['lora'] }),
    lacks: ({ loras, prompt }, target) =>
      target !== null || loras.length > 0 || takeAdapters(prompt).loras.length > 0
        ? null
        : 'There is no LoRA whose weight could vary. Add one first.',
  },
  'control-weight': numbers(
    'ControlNet',
    '0-1 (0.25)',
    false,
    (s, weight, target) => ({
      ...s,
      controls: s.controls.map((use) =>
        target === null || use.id === target ? { ...use, weight } : use,
      ),
    }),
    {
      aliases: ['control', 'controlnet'],
      lacks: ({ controls }, target) => {
        if (controls.length === 0) return 'There is no ControlNet whose weight could vary.';
        return target === null || controls.some(({ id }) => id === target)
          ? null
          : `No ControlNet "${target}" takes part.`;
      },
    },
  ),
  'hires-scale': numbers(
    'Second pass',
    '1.5, 2',
    false,
    (s, scale) => ({ ...s, hiresFix: { ...(s.hiresFix ?? HiresFix.parse({})), scale } }),
    { aliases: ['hires', 'hires-factor'] },
  ),
  'hires-strength': ofHires('Second strength', '0.3-0.7 (0.1)', false, (strength) => ({
    strength,
  })),
  'hires-steps': ofHires('Second steps', '5, 10, 20', true, (steps) => ({ steps })),
  'hires-upscaler': texts(
    'Enlarged by',
    [...latentUpscalerNames, ...pixelUpscalerNames].slice(0, 3).join(', '),
    (s, upscaler) => (s.hiresFix ? { ...s, hiresFix: { ...s.hiresFix, upscaler } } : s),
    { aliases: ['hires-by'], lacks: lacksHires },
  ),
  'refiner-switch': numbers(
    'Refiner from',
    '0.6, 0.8',
    false,
    (s, switchAt) => (s.refiner ? { ...s, refiner: { ...s.refiner, switchAt } } : s),
    { lacks: ({ refiner }) => (refiner ? null : 'There is no refiner.') },
  ),
  vae: texts(
    'Autoencoder',
    'none, my-vae',
    (s, id) => ({ ...s, vaeId: id.toLowerCase() === 'none' ? null : id }),
    { cost: 3 },
  ),
  decoder: choices('Decoder', ['full', 'tiny'], (s, decoder) => ({ ...s, decoder })),
};

function ofHires(
  title: string,
  example: string,
  isWhole: boolean,
  change: (value: number) => Partial<HiresFix>,
): FieldFacts {
  return numbers(
    title,
    example,
    isWhole,
    (s, value) => (s.hiresFix ? { ...s, hiresFix: { ...s.hiresFix, ...change(value) } } : s),
    { lacks: lacksHires },
  );
}

function lacksSource(source: ImageSettings['source']): string | null {
  return source ? null : 'There is no picture to start from.';
}

function lacksHires({ hiresFix }: ImageSettings): string | null {
  return hiresFix ? null : 'There is no second pass.';
}

/** A picture without variations gets one, of the seed after its own. */
function lastChanged(
  { variation, seed }: ImageSettings,
  change: Partial<ImageSettings['variation'][number]>,
): ImageSettings['variation'] {
  const last = variation.at(-1) ?? { seed: seed + 1, strength: 0.2 };
  return [...variation.slice(0, -1), { ...last, ...change }];
}

/** Of LoRAs in the options and of those that the prompt names; one that takes no part yet is added. */
function withLoraWeight(
  settings: ImageSettings,
  weight: number,
  target: string | null,
): ImageSettings {
  const isMeant = (id: string): boolean => target === null || id === target;
  const weights = { unetWeight: weight, textWeight: weight };
  const tags = takeAdapters(settings.prompt).loras.filter(({ name }) => isMeant(name));
  const loras = settings.loras.map((use) => (isMeant(use.id) ? { ...use, ...weights } : use));
  const isThere = tags.length > 0 || settings.loras.some(({ id }) => id === target);
  return {
    ...settings,
    prompt: tags.reduceRight(
      (prompt, { name, start, end }) =>
        `${prompt.slice(0, start)}<lora:${name}:${weight}>${prompt.slice(end)}`,
      settings.prompt,
    ),
    loras: target === null || isThere ? loras : [...loras, { id: target, ...weights }],
  };
}

function parseSize(text: string): { readonly width: number; readonly height: number } | null {
  const [, width, height] = /^(\d+)\s*[x×*]\s*(\d+)$/i.exec(text) ?? [];
  return width === undefined || height === undefined
    ? null
    : { width: Number(width), height: Number(height) };
}
