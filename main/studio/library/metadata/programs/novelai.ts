/**
 * NovelAI: the JSON under `Comment`, of its models up to the third with one prompt, from the fourth on with
 * one for each character besides.
 *
 * Its weights: `{x}` × 1.05, `[x]` ÷ 1.05, and of newer models `1.5::x::`.
 */
import {
  figureOf,
  isRecord,
  listOf,
  recordOf,
  textOf,
  wholeOf,
  type JsonRecord,
} from '../bounded-json.ts';
import { longestPrompt, pairsOf, type Told } from './told.ts';

const bracketStep = 1.05;
const schedules: ReadonlyMap<string, string> = new Map([
  ['native', 'Automatic'],
  ['karras', 'Karras'],
  ['exponential', 'Exponential'],
  ['polyexponential', 'Polyexponential'],
]);

export function isNovelAi(value: JsonRecord): boolean {
  return (
    (textOf(value['uc']) !== undefined || isRecord(value['v4_prompt'])) &&
    textOf(value['sampler']) !== undefined &&
    figureOf(value['scale']) !== undefined
  );
}

/**
 * @param value the JSON of `Comment`
 * @param source how the program names its model, where that is told
 */
export function readNovelAi(value: JsonRecord, source: string | null): Told {
  const prompt = promptOf(value['v4_prompt']) ?? textOf(value['prompt']) ?? '';
  const negativePrompt = promptOf(value['v4_negative_prompt']) ?? textOf(value['uc']) ?? '';
  const [, model = source, hash = null] = /^(.{1,200}) ([0-9A-F]{8})$/.exec(source ?? '') ?? [];
  const [width, height] = [figureOf(value['width']), figureOf(value['height'])];
  const left = ['NovelAI’s models are not sold: another model draws another picture.'];
  if (value['sm'] === true) left.push('SMEA, a sampling of NovelAI’s own, does not exist here.');
  return {
    program: 'novelai',
    prompt,
    negativePrompt,
    here: { prompt: translated(prompt), negativePrompt: translated(negativePrompt) },
    pairs: pairsOf({
      Steps: figureOf(value['steps']),
      Sampler: samplerOf(textOf(value['sampler']) ?? ''),
      'Schedule type': schedules.get(textOf(value['noise_schedule']) ?? ''),
      'CFG scale': figureOf(value['scale']),
      Seed: wholeOf(value['seed']),
      Size: width === undefined || height === undefined ? null : `${width}x${height}`,
      Model: model,
      'Model hash': hash,
      'CFG rescale phi': figureOf(value['cfg_rescale']) || null,
      'Denoising strength':
        value['request_type'] === 'Img2ImgRequest' ? figureOf(value['strength']) : null,
    }),
    implied: { RNG: 'CPU' },
    loras: [],
    left,
  };
}

function samplerOf(name: string): string {
  return name.replace(/^k_/, '').replace(/^ddim_v3$/, 'ddim');
}

/** The scene's words, then those of each character. */
function promptOf(value: unknown): string | undefined {
  const caption = recordOf(recordOf(value)['caption']);
  const base = textOf(caption['base_caption']);
  if (base === undefined) return undefined;
  const characters = listOf(caption['char_captions'])
    .map((each) => textOf(recordOf(each)['char_caption']) ?? '')
    .filter((words) => words.trim() !== '');
  return [base, ...characters].join('\n');
}

/** In one pass: brackets nest here as they do there. */
function translated(whole: string): string {
  const prompt = whole.slice(0, longestPrompt);
  let text = '';
  let isWeighted = false;
  let weightNow = 1;
  const open: ('{' | '[')[] = [];
  const weights = { '{': bracketStep, '[': Math.round(1000 / bracketStep) / 1000 };
  const mark = /(-?\d{0,4}(?:\.\d{1,4})?)::|[{}[\]()\\]/g;
  let from = 0;
  const closeWeight = () => {
    if (isWeighted) text += `:${weightNow})`;
    isWeighted = false;
  };
  for (const found of prompt.matchAll(mark)) {
    const [sign, weight] = found;
    text += prompt.slice(from, found.index);
    from = found.index + sign.length;
    if (sign.endsWith('::')) {
      closeWeight();
      if (weight === undefined || weight === '' || weight === '-') continue;
      isWeighted = true;
      weightNow = Number(weight);
      text += '(';
    } else if (sign === '{' || sign === '[') {
      open.push(sign);
      text += '(';
    } else if (sign === '}' || sign === ']') {
      const opener = open.pop();
      if (opener) text += `:${weights[opener]})`;
    } else text += `\\${sign}`;
  }
  text += prompt.slice(from);
  closeWeight();
  for (const opener of open.toReversed()) text += `:${weights[opener]})`;
  return text;
}
