/** Which settings belong to which stage of drawing a word, and what a stage is set to in a few words. */
import {
  samplerStageTitles,
  samplingFields,
  type SamplingField,
} from '../../../../contract/sampling-fields.ts';
import {
  samplerStages,
  type SamplerStage,
  type SamplingSettings,
} from '../../../../contract/write.ts';

export type PartName = SamplerStage | 'mirostat';

export interface SamplerPart {
  readonly name: PartName;
  readonly title: string;
  readonly fields: readonly SamplingField[];
}

const keys: Readonly<Record<PartName, readonly SamplingField['key'][]>> = {
  penalties: ['repetitionPenalty', 'frequencyPenalty', 'presencePenalty', 'penaltyWindow'],
  'no-repeat-ngram': ['noRepeatNgram'],
  dry: ['dryMultiplier', 'dryBase', 'dryAllowedLength', 'dryWindow'],
  'top-n-sigma': ['topNSigma'],
  'top-k': ['topK'],
  typical: ['typicalP'],
  'top-p': ['topP'],
  'min-p': ['minP'],
  xtc: ['xtcProbability', 'xtcThreshold'],
  temperature: [
    'temperature',
    'dynamicTemperatureHigh',
    'dynamicTemperatureLow',
    'dynamicTemperatureExponent',
  ],
  // No stage of the order: on, it cuts in place of the others.
  mirostat: ['mirostatTau', 'mirostatEta'],
};

const partOf = (name: PartName): SamplerPart => ({
  name,
  title: name === 'mirostat' ? 'Mirostat' : samplerStageTitles[name],
  fields: keys[name].flatMap((key) => samplingFields.filter((field) => field.key === key)),
});

export const samplerParts: Readonly<Record<PartName, SamplerPart>> = Object.fromEntries(
  [...samplerStages, 'mirostat' as const].map((name) => [name, partOf(name)]),
) as Record<PartName, SamplerPart>;

/** @returns null where the part does nothing */
export function partSummary({ fields }: SamplerPart, settings: SamplingSettings): string | null {
  const on = fields.filter(({ key, off }) => off !== null && settings[key] !== off);
  return on.length === 0
    ? null
    : on.map(({ key }) => String(Number(settings[key].toFixed(3)))).join(' · ');
}
