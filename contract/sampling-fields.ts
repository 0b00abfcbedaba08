/**
 * What the numbers of `SamplingSettings` are called, what they do to the text, and within which
 * bounds they make sense: what panels and the command's help are made from. And named settings.
 */
import type { z } from 'zod';
import { type SamplerStage, samplerOrders, type SamplingSettings } from './write.ts';

type NumberKey = {
  [K in keyof SamplingSettings]: SamplingSettings[K] extends number ? K : never;
}[keyof SamplingSettings];

export interface SamplingField {
  readonly key: NumberKey;
  readonly title: string;
  /** One sentence: what it does to the text. */
  readonly tip: string;
  readonly group: 'Boldness' | 'Choice' | 'Surprise' | 'Repetition' | 'Mirostat';
  /** What is accepted. */
  readonly min: number;
  readonly max: number;
  /** Where a slider ends: what anybody would want lies below. */
  readonly sliderMax: number;
  readonly step: number;
  /** The value that does nothing; null for one that only says how another works. */
  readonly off: number | null;
  /** The field without which this one does nothing; null if it stands alone. */
  readonly needs: NumberKey | null;
}

export const samplingFields: readonly SamplingField[] = [
  {
    key: 'temperature',
    title: 'Temperature',
    tip: 'How bold the choice of words is: low stays with the likely ones, high reaches for rare ones, 0 always takes the likeliest.',
    group: 'Boldness',
    min: 0,
    max: 5,
    sliderMax: 2,
    step: 0.05,
    off: 1,
    needs: null,
  },
  {
    key: 'dynamicTemperatureHigh',
    title: 'Open temperature',
    tip: 'Temperature where many words would fit; with it the temperature follows how sure the model is, and 0 keeps it fixed.',
    group: 'Boldness',
    min: 0,
    max: 5,
    sliderMax: 3,
    step: 0.05,
    off: 0,
    needs: null,
  },
  {
    key: 'dynamicTemperatureLow',
    title: 'Sure temperature',
    tip: 'Temperature where the model is sure of the next word.',
    group: 'Boldness',
    min: 0,
    max: 5,
    sliderMax: 2,
    step: 0.05,
    off: null,
    needs: 'dynamicTemperatureHigh',
  },
  {
    key: 'dynamicTemperatureExponent',
    title: 'Temperature curve',
    tip: 'Above 1 the text stays cool until the model is quite unsure, below 1 it warms up early.',
    group: 'Boldness',
    min: 0.01,
    max: 10,
    sliderMax: 3,
    step: 0.05,
    off: null,
    needs: 'dynamicTemperatureHigh',
  },
  {
    key: 'topK',
    title: 'Top k',
    tip: 'Chooses among this many likeliest words only; 0 leaves all in.',
    group: 'Choice',
    min: 0,
    max: 100_000,
    sliderMax: 200,
    step: 1,
    off: 0,
    needs: null,
  },
  {
    key: 'topP',
    title: 'Top p',
    tip: 'Chooses among the likeliest words that make up this share together; 1 leaves all in.',
    group: 'Choice',
    min: 0,
    max: 1,
    sliderMax: 1,
    step: 0.01,
    off: 1,
    needs: null,
  },
  {
    key: 'minP',
    title: 'Min p',
    tip: 'Leaves out words less likely than this share of the likeliest, so that sure places stay sure; 0 leaves all in.',
    group: 'Choice',
    min: 0,
    max: 1,
    sliderMax: 0.5,
    step: 0.01,
    off: 0,
    needs: null,
  },
  {
    key: 'topNSigma',
    title: 'Top n sigma',
    tip: 'Leaves out words that lie too far below the likeliest one, however hot the temperature is; lower is stricter, 0 leaves all in.',
    group: 'Choice',
    min: 0,
    max: 20,
    sliderMax: 5,
    step: 0.1,
    off: 0,
    needs: null,
  },
  {
    key: 'typicalP',
    title: 'Typical',
    tip: 'Prefers words that are about as surprising as the place leads one to expect, neither dull nor wild; 1 leaves all in.',
    group: 'Choice',
    min: 0,
    max: 1,
    sliderMax: 1,
    step: 0.01,
    off: 1,
    needs: null,
  },
  {
    key: 'xtcProbability',
    title: 'Exclude top choices',
    tip: 'How often the obvious words are left out where several would do, which breaks worn phrases; 0 never does.',
    group: 'Surprise',
    min: 0,
    max: 1,
    sliderMax: 1,
    step: 0.05,
    off: 0,
    needs: null,
  },
  {
    key: 'xtcThreshold',
    title: 'Obvious from',
    tip: 'A word counts as obvious from this probability; above 0.5 none does.',
    group: 'Surprise',
    min: 0,
    max: 1,
    sliderMax: 0.5,
    step: 0.01,
    off: null,
    needs: 'xtcProbability',
  },
  {
    key: 'dryMultiplier',
    title: 'Don’t repeat yourself',
    tip: 'Keeps the text from saying whole phrases again, the more the longer they grow; about 0.8 is usual, 0 allows it.',
    group: 'Repetition',
    min: 0,
    max: 100,
    sliderMax: 3,
    step: 0.05,
    off: 0,
    needs: null,
  },
  {
    key: 'dryBase',
    title: 'Repeat growth',
    tip: 'How steeply it gets harder to go on with a phrase that was there before.',
    group: 'Repetition',
    min: 1,
    max: 10,
    sliderMax: 4,
    step: 0.05,
    off: null,
    needs: 'dryMultiplier',
  },
  {
    key: 'dryAllowedLength',
    title: 'Free repeat',
    tip: 'Phrases of up to this many tokens may come again at no cost.',
    group: 'Repetition',
    min: 1,
    max: 1000,
    sliderMax: 20,
    step: 1,
    off: null,
    needs: 'dryMultiplier',
  },
  {
    key: 'dryWindow',
    title: 'Repeat memory',
    tip: 'How many of the last tokens are searched for phrases that were there before.',
    group: 'Repetition',
    min: 0,
    max: 100_000,
    sliderMax: 8192,
    step: 64,
    off: null,
    needs: 'dryMultiplier',
  },
  {
    key: 'repetitionPenalty',
    title: 'Repetition',
    tip: 'Makes words that just occurred less likely; 1 does nothing, and much above 1.2 the text begins to avoid even “the”.',
    group: 'Repetition',
    min: 0.1,
    max: 10,
    sliderMax: 2,
    step: 0.01,
    off: 1,
    needs: null,
  },
  {
    key: 'frequencyPenalty',
    title: 'Frequency',
    tip: 'Makes a word less likely each time it has occurred; 0 does nothing.',
    group: 'Repetition',
    min: -10,
    max: 10,
    sliderMax: 2,
    step: 0.05,
    off: 0,
    needs: null,
  },
  {
    key: 'presencePenalty',
    title: 'Presence',
    tip: 'Makes words that have occurred at all less likely, which draws in new matter; 0 does nothing.',
    group: 'Repetition',
    min: -10,
    max: 10,
    sliderMax: 2,
    step: 0.05,
    off: 0,
    needs: null,
  },
  {
    key: 'penaltyWindow',
    title: 'Penalty memory',
    tip: 'How many of the last tokens repetition, frequency and presence look at.',
    group: 'Repetition',
    min: 0,
    max: 100_000,
    sliderMax: 2048,
    step: 16,
    off: null,
    needs: null,
  },
  {
    key: 'noRepeatNgram',
    title: 'No repeat of',
    tip: 'Forbids that any run of this many tokens occurs twice, names included; 0 allows it.',
    group: 'Repetition',
    min: 0,
    max: 100,
    sliderMax: 12,
    step: 1,
    off: 0,
    needs: null,
  },
  {
    key: 'mirostatTau',
    title: 'Mirostat',
    tip: 'Keeps the text at this many bits of surprise a token, in place of every other cut; about 5 is usual, 0 is off.',
    group: 'Mirostat',
    min: 0,
    max: 20,
    sliderMax: 10,
    step: 0.1,
    off: 0,
    needs: null,
  },
  {
    key: 'mirostatEta',
    title: 'Mirostat rate',
    tip: 'How fast the text is steered back to that surprise.',
    group: 'Mirostat',
    min: 0,
    max: 1,
    sliderMax: 1,
    step: 0.01,
    off: null,
    needs: 'mirostatTau',
  },
];

/** What the stages are called in a list that can be put into another order. */
export const samplerStageTitles: Readonly<Record<SamplerStage, string>> = {
  penalties: 'Repetition, frequency, presence',
  'no-repeat-ngram': 'No repeat of',
  dry: 'Don’t repeat yourself',
  'top-n-sigma': 'Top n sigma',
  'top-k': 'Top k',
  typical: 'Typical',
  'top-p': 'Top p',
  'min-p': 'Min p',
  xtc: 'Exclude top choices',
  temperature: 'Temperature',
};

export interface SamplingPreset {
  readonly id: string;
  readonly title: string;
  /** One sentence. */
  readonly tip: string;
  /** What is not named is off. */
  readonly settings: z.input<typeof SamplingSettings>;
}

export const samplingPresets: readonly SamplingPreset[] = [
  {
    id: 'balanced',
    title: 'Balanced',
    tip: 'Lively prose that keeps to its thread.',
    settings: { temperature: 0.9, minP: 0.05, dryMultiplier: 0.8, repetitionPenalty: 1.03 },
  },
  {
    id: 'creative',
    title: 'Creative',
    tip: 'Leaves worn paths: rarer words, and the obvious ones left out half of the time.',
    settings: {
      temperature: 1.1,
      minP: 0.03,
      xtcProbability: 0.5,
      xtcThreshold: 0.1,
      dryMultiplier: 0.8,
    },
  },
  {
    id: 'strict',
    title: 'Strict',
    tip: 'Stays close to what is likely, for facts, summaries and corrections.',
    settings: { temperature: 0.3, topK: 40, topP: 0.9, minP: 0.05 },
  },
  {
    id: 'llama.cpp',
    title: 'llama.cpp default',
    tip: 'What llama.cpp draws with when it is told nothing.',
    settings: { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05, penaltyWindow: 64 },
  },
  {
    id: 'hugging-face',
    title: 'Hugging Face default',
    tip: 'What transformers draws with when it is told to sample and nothing else, in its own order.',
    settings: { temperature: 1, topK: 50, order: [...samplerOrders['hugging-face']] },
  },
];
