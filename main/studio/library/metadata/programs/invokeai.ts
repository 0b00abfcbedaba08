/**
 * InvokeAI: JSON under `invokeai_metadata`; before version 3 under `sd-metadata`, and a line of its command
 * under `Dream`.
 */
import { figureOf, listOf, recordOf, textOf, wholeOf, type JsonRecord } from '../bounded-json.ts';
import { longestPrompt, pairsOf, plainFileName, type Told } from './told.ts';

export function isInvokeAi(value: JsonRecord): boolean {
  return textOf(value['positive_prompt']) !== undefined && value['c'] === undefined;
}

export function readInvokeAi(value: JsonRecord): Told {
  const { sampler, schedule } = samplerOf(textOf(value['scheduler']) ?? '');
  const model = recordOf(value['model']);
  const refiner = recordOf(value['refiner_model']);
  const prompt = textOf(value['positive_prompt']) ?? '';
  const negativePrompt = textOf(value['negative_prompt']) ?? '';
  const style = textOf(value['positive_style_prompt'])?.trim() ?? '';
  const left: string[] = [];
  if (style !== '' && style !== prompt.trim())
    left.push('A second prompt for the style alone does not exist here; it stays in the raw text.');
  if (value['seamless_x'] === true || value['seamless_y'] === true)
    left.push('Pictures that tile do not exist here: this one will have edges.');
  const isFromPicture = /img2img|inpaint|outpaint/.test(textOf(value['generation_mode']) ?? '');
  const clipSkip = figureOf(value['clip_skip']);
  return {
    program: 'invokeai',
    prompt,
    negativePrompt,
    here: { prompt: translated(prompt, left), negativePrompt: translated(negativePrompt, left) },
    pairs: pairsOf({
      Steps: figureOf(value['steps']),
      Sampler: sampler,
      'Schedule type': schedule,
      'CFG scale': figureOf(value['cfg_scale']),
      Seed: wholeOf(value['seed']),
      Size: sizeOf(value),
      Model: nameOf(model) ?? plainFileName(textOf(value['model'])),
      'Model hash': hashOf(model),
      // Counted from 0 there.
      'Clip skip': clipSkip ? clipSkip + 1 : null,
      'CFG rescale phi': figureOf(value['cfg_rescale_multiplier']) || null,
      'Denoising strength': isFromPicture ? figureOf(value['strength']) : null,
      VAE: nameOf(recordOf(value['vae'])),
      Refiner: nameOf(refiner),
      'Refiner switch at': nameOf(refiner) ? figureOf(value['refiner_start']) : null,
      ...controlsOf(value),
    }),
    implied: { RNG: textOf(value['rand_device']) === 'cuda' ? 'NV' : 'CPU' },
    loras: listOf(value['loras']).flatMap((each) => {
      const lora = recordOf(each);
      const name = nameOf(recordOf(lora['model'])) ?? nameOf(recordOf(lora['lora']));
      const weight = figureOf(lora['weight']) ?? 1;
      return name === undefined ? [] : [{ name, unetWeight: weight, textWeight: weight }];
    }),
    left: [...new Set(left)],
  };
}

/** `sd-metadata`, of version 2. */
export function readOldInvokeAi(value: JsonRecord): Told | null {
  const image = recordOf(value['image']);
  const parts = listOf(image['prompt']);
  const whole =
    textOf(image['prompt']) ??
    parts.map((part) => textOf(recordOf(part)['prompt']) ?? '').join(' ');
  if (whole === '') return null;
  const { prompt, negativePrompt } = parted(whole);
  const { sampler, schedule } = samplerOf(textOf(image['sampler']) ?? '');
  return oldTold(prompt, negativePrompt, {
    Steps: figureOf(image['steps']),
    Sampler: sampler,
    'Schedule type': schedule,
    'CFG scale': figureOf(image['cfg_scale']),
    Seed: wholeOf(image['seed']),
    Size: sizeOf(image),
    Model: plainFileName(textOf(value['model_weights'])),
    'Model hash': textOf(value['model_hash'])?.slice(0, 10),
  });
}

/** `"a prompt" -s 50 -S 1 -W 512 -H 512 -C 7.5 -A k_lms` */
export function readDream(text: string): Told | null {
  const line = text.slice(0, longestPrompt);
  const end = line.lastIndexOf('" -');
  if (!line.startsWith('"') || end < 1) return null;
  const options = new Map<string, string>();
  for (const [, name = '', value = ''] of line
    .slice(end + 1, end + 2000)
    .matchAll(/ -([a-zA-Z]) ?([\w.+-]{1,60})/g))
    options.set(name, value);
  const { prompt, negativePrompt } = parted(line.slice(1, end));
  const { sampler, schedule } = samplerOf(options.get('A') ?? '');
  const [width, height] = [options.get('W'), options.get('H')];
  return oldTold(prompt, negativePrompt, {
    Steps: options.get('s'),
    Sampler: sampler,
    'Schedule type': schedule,
    'CFG scale': options.get('C'),
    Seed: options.get('S'),
    Size: width === undefined || height === undefined ? null : `${width}x${height}`,
    'Denoising strength': options.get('f'),
  });
}

function oldTold(
  prompt: string,
  negativePrompt: string,
  values: Parameters<typeof pairsOf>[0],
): Told {
  const left: string[] = [];
  const here = {
    prompt: translated(prompt, left),
    negativePrompt: translated(negativePrompt, left),
  };
  const pairs = pairsOf(values);
  return {
    program: 'invokeai',
    prompt,
    negativePrompt,
    here,
    pairs,
    implied: { RNG: 'CPU' },
    loras: [],
    left,
  };
}

/** What is not wanted stood in square brackets. */
function parted(whole: string): { readonly prompt: string; readonly negativePrompt: string } {
  if (whole.length > longestPrompt) return { prompt: whole, negativePrompt: '' };
  const prompt: string[] = [];
  const negative: string[] = [];
  for (const [index, part] of whole.split('[').entries()) {
    const close = index === 0 ? -1 : part.indexOf(']');
    if (close >= 0) negative.push(part.slice(0, close));
    prompt.push(index > 0 && close < 0 ? `[${part}` : part.slice(close + 1));
  }
  return { prompt: prompt.join('').trim(), negativePrompt: negative.join(', ').trim() };
}

/** `(words)1.2` is `(words:1.2)` here; words with plus and minus signs behind them stay. */
function translated(whole: string, left: string[]): string {
  const prompt = whole.slice(0, longestPrompt);
  if (/[\w)][+-]{1,20}(?:[\s,.)]|$)/.test(prompt))
    left.push(
      'Weights written as plus and minus signs mean nothing here; they stay in the prompt.',
    );
  return prompt.replaceAll(/\)(\d{1,3}(?:\.\d{1,6})?)/g, ':$1)');
}

function sizeOf(value: JsonRecord): string | null {
  const [width, height] = [figureOf(value['width']), figureOf(value['height'])];
  return width === undefined || height === undefined ? null : `${width}x${height}`;
}

/** A `_k` at the end, or from early versions a `k_` at the beginning, says how noise levels are spaced. */
function samplerOf(name: string): {
  readonly sampler: string | null;
  readonly schedule: string | null;
} {
  if (name === '') return { sampler: null, schedule: null };
  const bare = name
    .replace(/^k_/, '')
    .replace(/_k$/, '')
    .replace(/^kdpm_2/, 'dpm_2');
  return { sampler: bare, schedule: bare !== name && name.endsWith('_k') ? 'Karras' : 'Normal' };
}

function nameOf(model: JsonRecord): string | undefined {
  return plainFileName(textOf(model['name']) ?? textOf(model['model_name']));
}

/** With the name of its method before it, such as `blake3:`, another method's is none that the studio knows. */
function hashOf(model: JsonRecord): string | undefined {
  const hash = textOf(model['hash']) ?? textOf(model['model_hash']);
  return hash?.slice(hash.indexOf(':') + 1).slice(0, 64);
}

function controlsOf(value: JsonRecord): Readonly<Record<string, string>> {
  const units = listOf(value['controlnets']).slice(0, 32);
  return Object.fromEntries(
    units.flatMap((each, index) => {
      const unit = recordOf(each);
      const model = nameOf(recordOf(unit['control_model']));
      if (model === undefined) return [];
      const text =
        `Module: none, Model: ${model}, Weight: ${figureOf(unit['control_weight']) ?? 1}, ` +
        `Guidance Start: ${figureOf(unit['begin_step_percent']) ?? 0}, ` +
        `Guidance End: ${figureOf(unit['end_step_percent']) ?? 1}`;
      return [[`ControlNet ${index}`, text]];
    }),
  );
}
