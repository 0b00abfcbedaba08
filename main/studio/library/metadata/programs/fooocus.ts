/** Fooocus: JSON, where its scheme is its own; with the other scheme it writes the text of the web UI. */
import {
  figureOf,
  isRecord,
  listOf,
  recordOf,
  textOf,
  wholeOf,
  type JsonRecord,
} from '../bounded-json.ts';
import { pairsOf, plainFileName, type Told } from './told.ts';

export function isFooocus(value: JsonRecord): boolean {
  return (
    textOf(value['metadata_scheme']) === 'fooocus' ||
    (textOf(value['base_model']) !== undefined && value['performance'] !== undefined)
  );
}

export function readFooocus(value: JsonRecord): Told {
  const full = (field: string, plain: string) => {
    const all = listOf(value[field])
      .map(textOf)
      .filter((each) => each !== undefined && each !== '');
    return all.length > 0 ? all.join('\n') : (textOf(value[plain]) ?? '');
  };
  const prompt = textOf(value['prompt']) ?? '';
  const negativePrompt = textOf(value['negative_prompt']) ?? '';
  const here = {
    prompt: full('full_prompt', 'prompt'),
    negativePrompt: full('full_negative_prompt', 'negative_prompt'),
  };
  const isStyled = here.prompt !== prompt || here.negativePrompt !== negativePrompt;
  const left: string[] = [];
  if (isStyled)
    left.push('Its styles are in the prompt now: what Fooocus added to it stands there.');
  for (const [field, title] of [
    ['sharpness', 'Sharpness'],
    ['adm_guidance', 'ADM guidance'],
  ] as const)
    if (value[field] !== undefined) left.push(`${title}, which Fooocus sets, does not exist here.`);
  const [, width, height] =
    /^\(?(\d{1,6}), ?(\d{1,6})\)?$/.exec(textOf(value['resolution']) ?? '') ?? [];
  const refiner = textOf(value['refiner_model']) ?? 'None';
  const clipSkip = figureOf(value['clip_skip']);
  const vae = textOf(value['vae']) ?? '';
  return {
    program: 'fooocus',
    prompt,
    negativePrompt,
    here: isStyled ? here : null,
    pairs: pairsOf({
      Steps: figureOf(value['steps']),
      Sampler: textOf(value['sampler']),
      'Schedule type': textOf(value['scheduler']),
      'CFG scale': figureOf(value['guidance_scale']),
      Seed: wholeOf(value['seed']),
      Size: width === undefined ? null : `${width}x${height}`,
      Model: plainFileName(textOf(value['base_model'])),
      'Model hash': textOf(value['base_model_hash'])?.slice(0, 64),
      // Two is what models of this size are used with; there and here it then means the same layer as none.
      'Clip skip': clipSkip !== undefined && clipSkip > 1 ? clipSkip : null,
      VAE: vae === '' || vae.startsWith('Default') ? null : plainFileName(vae),
      Refiner: refiner === 'None' ? null : plainFileName(refiner),
      'Refiner switch at': refiner === 'None' ? null : figureOf(value['refiner_switch']),
      Version: textOf(value['version'])?.slice(0, 100),
    }),
    implied: { RNG: 'CPU' },
    loras: lorasOf(value),
    left,
  };
}

/** Lists of name, weight and hash; in older versions `lora_combined_1: "name : 0.5"`. */
function lorasOf(value: JsonRecord): Told['loras'] {
  const listed = listOf(value['loras']).map((each) => {
    const [name, weight] = listOf(each);
    const own = isRecord(each) ? recordOf(each) : { name, weight };
    return [textOf(own['name']), figureOf(own['weight'])] as const;
  });
  const combined = Object.entries(value)
    .filter(([field]) => /^lora_combined_\d{1,3}$/.test(field))
    .map(([, text]) => {
      const whole = textOf(text) ?? '';
      const colon = whole.lastIndexOf(' : ');
      return [whole.slice(0, Math.max(colon, 0)), figureOf(whole.slice(colon + 3))] as const;
    });
  return (listed.length > 0 ? listed : combined).flatMap(([file, weight = 1]) => {
    const name = plainFileName(file);
    return name === undefined ? [] : [{ name, unetWeight: weight, textWeight: weight }];
  });
}
