/** What is said of pairs that nothing here stands for. */
import type { PairReader } from './pair-reader.ts';

/** They say who made it, not how it looks; or the settings hold the same already. */
const withoutBearing =
  /^(?:Version|Model hash|VAE hash|Lora hashes|TI hashes|Hashes|Init image hash|User|Batch (?:size|pos)|Script|[XYZ] (?:Type|Values)|Fixed [XYZ] Values|Module \d+|Beta schedule.*|Diffusion in Low Bits|Pad conds|Template|Negative Template|Wildcard (?:prompt|negative prompt)|Civitai.*|Hashes|Source Identifier|Postprocess upscaler 2|Postprocess crop to fit|Mask mode|FreeU (?:Stages|Schedule|Version)|freeu_(?:start|end).*)$/i;

/** Pairs that change the picture in ways that do not exist here. */
const unknownHere: Readonly<Record<string, (value: string) => string | null>> = {
  'Seed resize from': (value) =>
    /^(?:0x0|-1x-1)$/.test(value)
      ? null
      : `Noise resized from ${value} does not exist here: the picture will be another one.`,
  ENSD: (value) =>
    Number(value) === 0
      ? null
      : `An eta noise seed delta of ${value} does not exist here: samplers that draw noise on the way give another picture.`,
  Tiling: (value) =>
    /^true$/i.test(value)
      ? 'Pictures that tile do not exist here: this one will have edges.'
      : null,
  NGMS: (value) =>
    Number(value) === 0 ? null : 'Every step is guided here; it left guidance out of some (NGMS).',
  'Hires sampler': (value) => secondPass('sampler', value),
  'Hires schedule type': (value) => secondPass('schedule', value),
  'Hires CFG Scale': (value) => secondPass('guidance', value),
  'Hires checkpoint': (value) => secondPass('model', value),
  'Hires prompt': () => secondPass('prompt', 'of its own'),
  'Hires negative prompt': () => secondPass('negative prompt', 'of its own'),
};

function secondPass(what: string, value: string): string | null {
  if (/^use same/i.test(value)) return null;
  return value === 'of its own'
    ? `Its second pass had a ${what} of its own; here both share one.`
    : `Its second pass had the ${what} “${value}”; here both passes share one.`;
}

/** @param left gets a sentence for every pair that nobody took and that had a say in the picture */
export function tellTheRest(read: PairReader, left: string[]): void {
  for (const [name, sentence] of Object.entries(unknownHere)) {
    const value = read.take(name);
    const told = value === undefined ? null : sentence(value.trim());
    if (told !== null) left.push(told);
  }
  const rest = read.rest().filter((name) => !withoutBearing.test(name));
  if (rest.length > 0) left.push(`Not understood here and left out: ${rest.join(', ')}.`);
}
