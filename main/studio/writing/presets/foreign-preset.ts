/**
 * Sampler presets of SillyTavern (text completion) and KoboldAI/KoboldCpp as sampling settings.
 *
 * Promises: numbers mean the same there as here; what has no counterpart is named, not dropped in silence; a value out of
 * range is brought into it and named.
 */
import { z } from 'zod';
import { SamplingSettings, samplerStages, type SamplerStage } from '../../../../contract/write.ts';
import { StudioError } from '../../../../contract/errors.ts';

export interface ForeignPreset {
  readonly sampling: SamplingSettings;
  /** Sentences for the person: what is not taken over, and why. */
  readonly notes: readonly string[];
}

type NumberField = {
  [K in keyof SamplingSettings]: SamplingSettings[K] extends number ? K : never;
}[keyof SamplingSettings];

/** Their names for a field; the first that a file has counts. */
const numberNames: Readonly<Record<NumberField, readonly string[]>> = {
  temperature: ['temperature', 'temp'],
  dynamicTemperatureLow: [],
  dynamicTemperatureHigh: [],
  dynamicTemperatureExponent: ['dynatemp_exponent'],
  topK: ['top_k'],
  topP: ['top_p'],
  minP: ['min_p'],
  typicalP: ['typical_p', 'typical', 'typ'],
  topNSigma: ['nsigma', 'top_n_sigma'],
  xtcProbability: ['xtc_probability'],
  xtcThreshold: ['xtc_threshold'],
  dryMultiplier: ['dry_multiplier'],
  dryBase: ['dry_base'],
  dryAllowedLength: ['dry_allowed_length'],
  dryWindow: ['dry_penalty_last_n', 'dry_range'],
  repetitionPenalty: ['rep_pen', 'repetition_penalty'],
  frequencyPenalty: ['freq_pen', 'frequency_penalty'],
  presencePenalty: ['presence_pen', 'presence_penalty'],
  penaltyWindow: ['rep_pen_range', 'repetition_penalty_range'],
  noRepeatNgram: ['no_repeat_ngram_size'],
  mirostatTau: ['mirostat_tau'],
  mirostatEta: ['mirostat_eta'],
};

/** Settings without a counterpart, with the value that is off there. */
const unknownHere: readonly (readonly [names: readonly string[], off: number, title: string])[] = [
  [['tfs'], 1, 'Tail-free sampling'],
  [['top_a'], 0, 'Top-a'],
  [['epsilon_cutoff'], 0, 'Epsilon cutoff'],
  [['eta_cutoff'], 0, 'Eta cutoff'],
  [['smoothing_factor'], 0, 'Quadratic sampling'],
  [['rep_pen_slope'], 1, 'The slope of the repetition penalty'],
  [['encoder_rep_pen'], 1, 'The encoder’s repetition penalty'],
  [['guidance_scale'], 1, 'Guidance'],
  [['penalty_alpha'], 0, 'Contrastive search'],
];

const stageNames: Readonly<Record<string, SamplerStage>> = {
  penalties: 'penalties',
  repetition_penalty: 'penalties',
  presence_penalty: 'penalties',
  frequency_penalty: 'penalties',
  no_repeat_ngram: 'no-repeat-ngram',
  dry: 'dry',
  top_n_sigma: 'top-n-sigma',
  top_k: 'top-k',
  typ_p: 'typical',
  typical_p: 'typical',
  typical: 'typical',
  top_p: 'top-p',
  min_p: 'min-p',
  xtc: 'xtc',
  temperature: 'temperature',
  dynamic_temperature: 'temperature',
};

/** KoboldAI numbers its stages. */
const koboldStages: readonly (SamplerStage | null)[] = [
  'top-k',
  null,
  'top-p',
  null,
  'typical',
  'temperature',
  'penalties',
];

const PresetFile = z.record(z.string(), z.unknown());

/**
 * @param text a JSON file
 * @throws {StudioError} `bad-request` if it is no preset
 */
export function readForeignPreset(text: string): ForeignPreset {
  const file = parse(text);
  const notes: string[] = [];
  const numbers = new Map<NumberField, number>();
  for (const field of Object.keys(numberNames) as NumberField[]) {
    const value = numberOf(file, numberNames[field]);
    if (value !== null) numbers.set(field, fitted(field, value, notes));
  }
  if (numbers.size < 2)
    throw new StudioError(
      'bad-request',
      'This file holds no sampler settings that are known here. Choose a preset of SillyTavern (text completion) or KoboldAI.',
    );
  if (file['mirostat_mode'] !== undefined && numberOf(file, ['mirostat_mode']) !== 2) {
    if (numberOf(file, ['mirostat_mode']) === 1)
      notes.push('Mirostat in its first version is not known here and is off.');
    numbers.set('mirostatTau', 0);
  }
  if (file['dynatemp'] === true || Number(file['dynatemp_range']) > 0) {
    const temperature = numbers.get('temperature') ?? 1;
    const range = numberOf(file, ['dynatemp_range']) ?? 0;
    const low = numberOf(file, ['min_temp']) ?? temperature - range;
    const high = numberOf(file, ['max_temp']) ?? temperature + range;
    numbers.set('dynamicTemperatureLow', fitted('dynamicTemperatureLow', Math.max(0, low), notes));
    numbers.set('dynamicTemperatureHigh', fitted('dynamicTemperatureHigh', high, notes));
  }
  // There 0 looks at everything.
  if (numbers.get('penaltyWindow') === 0) numbers.set('penaltyWindow', 100_000);
  if (numbers.get('dryWindow') === 0) numbers.set('dryWindow', 100_000);
  for (const [names, off, title] of unknownHere) {
    const value = numberOf(file, names);
    if (value !== null && value !== off) notes.push(`${title} is not known here and is left out.`);
  }
  const order = orderOf(file);
  const dryBreakers = breakersOf(file['dry_sequence_breakers']);
  return {
    sampling: SamplingSettings.parse({
      ...Object.fromEntries(numbers),
      ...(order ? { order } : {}),
      ...(dryBreakers ? { dryBreakers } : {}),
    }),
    notes,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return PresetFile.parse(JSON.parse(text.replace(/^\ufeff/, '')));
  } catch (cause) {
    throw new StudioError(
      'bad-request',
      'This file is no preset: it is not a JSON object. Export the preset again.',
      undefined,
      { cause },
    );
  }
}

function numberOf(file: Record<string, unknown>, names: readonly string[]): number | null {
  for (const name of names) {
    const value = file[name];
    const number = typeof value === 'string' ? Number.parseFloat(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
  }
  return null;
}

/** The nearest value that the setting can have. */
function fitted(field: NumberField, value: number, notes: string[]): number {
  // −1 is off there.
  if (field === 'topK' && value < 0) return 0;
  if (field === 'dryWindow' && value < 0) return 100_000;
  const schema = SamplingSettings.shape[field].unwrap();
  const { minValue, maxValue } = schema;
  const whole = schema.format?.includes('int') === true ? Math.round(value) : value;
  const near = Math.min(maxValue ?? whole, Math.max(minValue ?? whole, whole));
  if (near !== whole)
    notes.push(`${field} was ${value}, which is out of range here; it is ${near}.`);
  return near;
}

function orderOf(file: Record<string, unknown>): readonly SamplerStage[] | null {
  const named = [file['sampler_priority'], file['samplers'], file['samplers_priorities']].find(
    (own) => Array.isArray(own) && own.length > 0,
  ) as readonly unknown[] | undefined;
  const numbered = Array.isArray(file['sampler_order']) ? file['sampler_order'] : null;
  const stages = named
    ? named.map((name) => stageNames[String(name)] ?? null)
    : numbered?.map((index) => koboldStages[Number(index)] ?? null);
  if (!stages) return null;
  const known = [...new Set(stages.filter((stage) => stage !== null))];
  if (known.length === 0) return null;
  // What their list does not speak of keeps its place among the others.
  const missing = samplerStages.filter((stage) => !known.includes(stage));
  return missing.reduce<SamplerStage[]>((order, stage) => {
    const before = samplerStages.slice(0, samplerStages.indexOf(stage)).toReversed();
    const after = before.find((own) => order.includes(own));
    order.splice(after === undefined ? 0 : order.indexOf(after) + 1, 0, stage);
    return order;
  }, known);
}

/** A list, or a text that holds one. */
function breakersOf(value: unknown): readonly string[] | null {
  if (typeof value === 'string') {
    try {
      return breakersOf(JSON.parse(value.startsWith('[') ? value : `[${value}]`));
    } catch {
      return null;
    }
  }
  if (!Array.isArray(value)) return null;
  return value
    .filter((own): own is string => typeof own === 'string' && own !== '')
    .map((own) => own.slice(0, 100))
    .slice(0, 64);
}
