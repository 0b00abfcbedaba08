/** Draw Things: JSON as the user comment of EXIF, and in XMP. `v2` holds all settings under longer names. */
import { figureOf, listOf, recordOf, textOf, wholeOf, type JsonRecord } from '../bounded-json.ts';
import { pairsOf, plainFileName, type Told } from './told.ts';

export function isDrawThings(value: JsonRecord): boolean {
  return (
    textOf(value['c']) !== undefined &&
    (textOf(value['uc']) !== undefined || figureOf(value['steps']) !== undefined)
  );
}

export function readDrawThings(value: JsonRecord): Told {
  const settings = recordOf(value['v2']);
  const left: string[] = [];
  const seedMode = textOf(value['seed_mode']) ?? '';
  const isCpu = /cpu/i.test(seedMode);
  if (seedMode !== '' && !/cpu|nvidia/i.test(seedMode))
    left.push(
      `Noise as Draw Things draws it (${seedMode}) does not exist here: the picture will be another one.`,
    );
  const { sampler, schedule, isOther } = samplerOf(textOf(value['sampler']) ?? '');
  if (isOther) left.push(`Its sampler is a variant of ${sampler} that does not exist here.`);
  const strength = figureOf(value['strength']) ?? figureOf(settings['strength']);
  const clipSkip = figureOf(settings['clipSkip']);
  const controls = listOf(settings['controls']).length;
  if (controls > 0)
    left.push(`It was drawn through ${controls} ControlNets, which are not taken over.`);
  return {
    program: 'draw-things',
    prompt: textOf(value['c']) ?? '',
    negativePrompt: textOf(value['uc']) ?? '',
    here: null,
    pairs: pairsOf({
      Steps: figureOf(value['steps']) ?? figureOf(settings['steps']),
      Sampler: sampler,
      'Schedule type': schedule,
      'CFG scale': figureOf(value['scale']) ?? figureOf(settings['guidanceScale']),
      Seed: wholeOf(value['seed']) ?? wholeOf(settings['seed']),
      Size: sizeOf(value, settings),
      Model: plainFileName(textOf(value['model']) ?? textOf(settings['model'])),
      'Denoising strength': strength === undefined || strength >= 1 ? null : strength,
      'Clip skip': clipSkip !== undefined && clipSkip > 1 ? clipSkip : null,
      Refiner: plainFileName(textOf(settings['refinerModel'])),
      'Refiner switch at': textOf(settings['refinerModel'])
        ? figureOf(settings['refinerStart'])
        : null,
    }),
    implied: { RNG: isCpu ? 'CPU' : 'NV' },
    loras: lorasOf(value, settings),
    left,
  };
}

function sizeOf(value: JsonRecord, settings: JsonRecord): string | null {
  const size = textOf(value['size']);
  if (size !== undefined) return size;
  const [width, height] = [figureOf(settings['width']), figureOf(settings['height'])];
  return width === undefined || height === undefined ? null : `${width}x${height}`;
}

/** Some samplers have a schedule, or a variant, in their name. */
function samplerOf(name: string) {
  const [, plain = name, ending = ''] =
    /^(.{1,100}?) (Karras|AYS|Trailing|Substep)$/i.exec(name) ?? [];
  const sampler = plain === '' ? null : plain;
  const ends = ending.toLowerCase();
  if (ends === 'karras') return { sampler, schedule: 'Karras', isOther: false };
  if (ends === 'ays') return { sampler, schedule: 'Align Your Steps', isOther: false };
  return { sampler, schedule: null, isOther: ends !== '' };
}

function lorasOf(value: JsonRecord, settings: JsonRecord): Told['loras'] {
  const given = listOf(value['lora']).length > 0 ? value['lora'] : settings['loras'];
  return listOf(given).flatMap((each) => {
    const lora = recordOf(each);
    const name = plainFileName(textOf(lora['model']) ?? textOf(lora['file']));
    const weight = figureOf(lora['weight']) ?? 1;
    return name === undefined ? [] : [{ name, unetWeight: weight, textWeight: weight }];
  });
}
