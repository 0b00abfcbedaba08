/** The samplers as the panel shows them: what each does to the text, in a sentence. */
import type { SamplerStage, SamplingSettings } from '../../../../contract/write.ts';

type NumberKey = {
  [K in keyof SamplingSettings]: SamplingSettings[K] extends number ? K : never;
}[keyof SamplingSettings];

export interface SamplerField {
  readonly key: NumberKey;
  readonly label: string;
  readonly tip: string;
  readonly min: number;
  readonly max: number;
  readonly sliderMax: number;
  readonly step: number;
}

export interface SamplerPart {
  readonly stage: SamplerStage;
  readonly title: string;
  readonly fields: readonly SamplerField[];
  /** What it is set to, in a few words; null while it changes nothing. */
  readonly summary: (settings: SamplingSettings) => string | null;
}

const share = (value: number): string => value.toFixed(2).replace(/^0/, '');

export const samplerParts: readonly SamplerPart[] = [
  {
    stage: 'penalties',
    title: 'Repetition',
    fields: [
      {
        key: 'repetitionPenalty',
        label: 'Penalty',
        tip: 'Makes words that just occurred less likely; 1 does nothing.',
        min: 0.1,
        max: 10,
        sliderMax: 2,
        step: 0.01,
      },
      {
        key: 'frequencyPenalty',
        label: 'Per time',
        tip: 'Makes a word less likely each time it occurs again; 0 does nothing.',
        min: -10,
        max: 10,
        sliderMax: 2,
        step: 0.05,
      },
      {
        key: 'presencePenalty',
        label: 'Once',
        tip: 'Makes a word less likely once it occurred, so that new matters come up; 0 does nothing.',
        min: -10,
        max: 10,
        sliderMax: 2,
        step: 0.05,
      },
      {
        key: 'penaltyWindow',
        label: 'Looks back',
        tip: 'How many of the last tokens the penalties look at.',
        min: 0,
        max: 100_000,
        sliderMax: 2048,
        step: 16,
      },
    ],
    summary: ({ repetitionPenalty, frequencyPenalty, presencePenalty }) =>
      repetitionPenalty === 1 && frequencyPenalty === 0 && presencePenalty === 0
        ? null
        : [
            repetitionPenalty === 1 ? null : `× ${repetitionPenalty}`,
            frequencyPenalty === 0 ? null : `− ${frequencyPenalty}`,
            presencePenalty === 0 ? null : `− ${presencePenalty} once`,
          ]
            .filter((part) => part !== null)
            .join(' · '),
  },
  {
    stage: 'no-repeat-ngram',
    title: 'No sequence twice',
    fields: [
      {
        key: 'noRepeatNgram',
        label: 'Tokens',
        tip: 'No sequence of this many tokens comes twice; 0 lets everything repeat.',
        min: 0,
        max: 100,
        sliderMax: 10,
        step: 1,
      },
    ],
    summary: ({ noRepeatNgram }) => (noRepeatNgram === 0 ? null : `${noRepeatNgram} tokens`),
  },
  {
    stage: 'dry',
    title: 'DRY',
    fields: [
      {
        key: 'dryMultiplier',
        label: 'Strength',
        tip: 'Makes going on with a phrase that stood before ever less likely; 0 does nothing.',
        min: 0,
        max: 100,
        sliderMax: 2,
        step: 0.05,
      },
      {
        key: 'dryBase',
        label: 'Growth',
        tip: 'How much more each further token of a repeated phrase costs.',
        min: 1,
        max: 10,
        sliderMax: 4,
        step: 0.05,
      },
      {
        key: 'dryAllowedLength',
        label: 'Allowed',
        tip: 'A repeat of this many tokens costs nothing.',
        min: 1,
        max: 1000,
        sliderMax: 20,
        step: 1,
      },
    ],
    summary: ({ dryMultiplier }) => (dryMultiplier === 0 ? null : String(dryMultiplier)),
  },
  {
    stage: 'top-n-sigma',
    title: 'Top nσ',
    fields: [
      {
        key: 'topNSigma',
        label: 'Deviations',
        tip: 'Keeps words whose score lies within this many deviations of the best; 0 keeps all.',
        min: 0,
        max: 20,
        sliderMax: 5,
        step: 0.1,
      },
    ],
    summary: ({ topNSigma }) => (topNSigma === 0 ? null : `${topNSigma} σ`),
  },
  {
    stage: 'top-k',
    title: 'Top k',
    fields: [
      {
        key: 'topK',
        label: 'Words',
        tip: 'Chooses among this many likeliest words only; 0 leaves all in.',
        min: 0,
        max: 100_000,
        sliderMax: 200,
        step: 1,
      },
    ],
    summary: ({ topK }) => (topK === 0 ? null : String(topK)),
  },
  {
    stage: 'typical',
    title: 'Typical',
    fields: [
      {
        key: 'typicalP',
        label: 'Share',
        tip: 'Keeps words that surprise about as much as the text should; 1 keeps all.',
        min: 0,
        max: 1,
        sliderMax: 1,
        step: 0.01,
      },
    ],
    summary: ({ typicalP }) => (typicalP === 1 ? null : share(typicalP)),
  },
  {
    stage: 'top-p',
    title: 'Top p',
    fields: [
      {
        key: 'topP',
        label: 'Share',
        tip: 'Chooses among the likeliest words that make up this share together; 1 leaves all in.',
        min: 0,
        max: 1,
        sliderMax: 1,
        step: 0.01,
      },
    ],
    summary: ({ topP }) => (topP === 1 ? null : share(topP)),
  },
  {
    stage: 'min-p',
    title: 'Min p',
    fields: [
      {
        key: 'minP',
        label: 'Share',
        tip: 'Leaves out words less likely than this share of the likeliest; 0 leaves all in.',
        min: 0,
        max: 1,
        sliderMax: 0.5,
        step: 0.01,
      },
    ],
    summary: ({ minP }) => (minP === 0 ? null : share(minP)),
  },
  {
    stage: 'xtc',
    title: 'XTC',
    fields: [
      {
        key: 'xtcProbability',
        label: 'How often',
        tip: 'How often the likeliest words are left out for a less expected one; 0 never.',
        min: 0,
        max: 1,
        sliderMax: 1,
        step: 0.05,
      },
      {
        key: 'xtcThreshold',
        label: 'From',
        tip: 'Probability from which a word counts as too likely.',
        min: 0,
        max: 1,
        sliderMax: 0.5,
        step: 0.01,
      },
    ],
    summary: ({ xtcProbability }) => (xtcProbability === 0 ? null : share(xtcProbability)),
  },
  {
    stage: 'temperature',
    title: 'Temperature',
    fields: [
      {
        key: 'temperature',
        label: 'Temperature',
        tip: 'How bold the choice of words is: 0 always takes the likeliest.',
        min: 0,
        max: 5,
        sliderMax: 2,
        step: 0.05,
      },
      {
        key: 'dynamicTemperatureLow',
        label: 'Where certain',
        tip: 'Temperature where the model is certain; used while the one below is not 0.',
        min: 0,
        max: 5,
        sliderMax: 2,
        step: 0.05,
      },
      {
        key: 'dynamicTemperatureHigh',
        label: 'Where unsure',
        tip: 'Temperature where the model knows nothing; 0 keeps one temperature for all.',
        min: 0,
        max: 5,
        sliderMax: 2,
        step: 0.05,
      },
    ],
    summary: ({ temperature, dynamicTemperatureHigh, dynamicTemperatureLow }) =>
      dynamicTemperatureHigh === 0
        ? String(temperature)
        : `${dynamicTemperatureLow} to ${dynamicTemperatureHigh}`,
  },
];

/** Mirostat is no stage of the order: on, it cuts in place of them. */
export const mirostatFields: readonly SamplerField[] = [
  {
    key: 'mirostatTau',
    label: 'Surprise',
    tip: 'Keeps the text at this surprise, in bits a token, in place of the cuts above; 0 is off.',
    min: 0,
    max: 20,
    sliderMax: 10,
    step: 0.1,
  },
  {
    key: 'mirostatEta',
    label: 'Correction',
    tip: 'How fast it corrects itself.',
    min: 0,
    max: 1,
    sliderMax: 1,
    step: 0.01,
  },
];

export interface SamplerPreset {
  readonly name: string;
  readonly tip: string;
  /** What differs from the model's own settings; null is the model's own. */
  readonly changes: Partial<SamplingSettings>;
}

export const samplerPresets: readonly SamplerPreset[] = [
  { name: 'The model’s own', tip: 'As its makers set it', changes: {} },
  {
    name: 'Careful',
    tip: 'Keeps to the expected',
    changes: { temperature: 0.5, topP: 0.9, minP: 0.15 },
  },
  {
    name: 'Lively',
    tip: 'Bolder words without nonsense',
    changes: { temperature: 1.1, topP: 1, minP: 0.08 },
  },
  {
    name: 'Unexpected',
    tip: 'Leaves the beaten path every so often',
    changes: { temperature: 1, topP: 1, minP: 0.05, xtcProbability: 0.5, xtcThreshold: 0.1 },
  },
  {
    name: 'Never twice',
    tip: 'Keeps phrases from coming back',
    changes: { dryMultiplier: 0.8, repetitionPenalty: 1.05, minP: 0.08 },
  },
];
