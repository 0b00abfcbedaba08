import { describe, expect, it } from 'vitest';
import { defaultImageOptions, Source } from '../../../contract/image-options.ts';
import { SourceNumbers } from '../../../contract/reuse.ts';
import type { ImageModel } from '../../../contract/models.ts';
import { aspectPresets, sizeForRatio } from './aspect-presets.ts';
import {
  changeOptions,
  changeSettings,
  checkRequest,
  chosenModel,
  CreateDraft,
  drawSeed,
  effectiveSettings,
  emptyCreateDraft,
  splitStyle,
  styledPrompt,
} from './create-draft.ts';
import { reuseSettings, reuseWithoutPictures } from './reuse-draft.ts';

const starter: ImageModel = {
  kind: 'image',
  id: 'starter',
  name: 'Starter',
  folder: '/models/starter',
  bundled: true,
  licence: 'MIT',
  description: '',
  sizeBytes: 1,
  hash: null,
  problem: null,
  examplePrompts: [],
  defaults: {
    width: 256,
    height: 256,
    steps: 20,
    guidanceScale: 5,
    scheduler: 'dpmpp-2m',
    sigmaSchedule: 'karras',
  },
  styles: [
    { name: 'Pixel', suffix: ', pixel art' },
    { name: 'Oil', suffix: 'oil painting' },
  ],
  spatialFactor: 8,
  family: 'sd1',
  hasTinyDecoder: false,
};

describe('settings of a draft', () => {
  it('follow the model until they are changed, and again once they are changed back', () => {
    const changed = changeSettings(emptyCreateDraft, starter, { steps: 30 });
    expect(effectiveSettings(changed, starter)).toMatchObject({ steps: 30, width: 256 });
    expect(changeSettings(changed, starter, { steps: 20 }).changes).toEqual({ starter: {} });
  });

  it('are kept apart for each model', () => {
    const changed = changeSettings(emptyCreateDraft, starter, { steps: 30 });
    expect(effectiveSettings(changed, { ...starter, id: 'other' }).steps).toBe(20);
  });

  it('survive being stored as text', () => {
    const draft = {
      ...changeSettings(emptyCreateDraft, starter, { width: 7 }),
      prompt: '猫 🐈 \u202e',
    };
    expect(CreateDraft.parse(JSON.parse(JSON.stringify(draft)))).toEqual(draft);
  });

  it('fall back to a usable model when theirs is gone or broken', () => {
    const draft = { ...emptyCreateDraft, modelId: 'gone' };
    const broken = { ...starter, id: 'gone', problem: 'A file is missing.' };
    expect(chosenModel(draft, [broken, starter])).toBe(starter);
    expect(chosenModel(draft, [broken])).toBeNull();
  });
});

describe('a request', () => {
  it('may have an empty prompt', () => {
    expect(checkRequest(emptyCreateDraft, starter)).toMatchObject({
      ok: true,
      request: { prompt: '', seed: null, count: 1 },
    });
  });

  it.each([
    ['width', { width: 7 }],
    ['height', { height: 100_000 }],
    ['width', { width: 260.5 }],
    ['steps', { steps: 0 }],
    ['steps', { steps: 10_000 }],
    ['guidanceScale', { guidanceScale: 0 }],
  ] as const)('names the field when %s is wrong in %j', (field, change) => {
    const checked = checkRequest(changeSettings(emptyCreateDraft, starter, change), starter);
    expect(checked).toMatchObject({ ok: false, errors: { [field]: expect.stringMatching(/\.$/) } });
  });

  it('respects the multiple that the model needs', () => {
    const draft = changeSettings(emptyCreateDraft, starter, { width: 264 });
    expect(checkRequest(draft, { ...starter, spatialFactor: 16 })).toMatchObject({
      ok: false,
      errors: { width: 'This model needs a multiple of 16 pixels.' },
    });
  });

  it('refuses a prompt that is too long and keeps it', () => {
    const draft = { ...emptyCreateDraft, prompt: 'x'.repeat(100_001) };
    expect(checkRequest(draft, starter)).toMatchObject({
      ok: false,
      errors: { prompt: expect.any(String) },
    });
  });
});

describe('a style', () => {
  it('ends the prompt, with a comma if it brings none', () => {
    expect(styledPrompt('a cat ', 'Pixel', starter)).toBe('a cat, pixel art');
    expect(styledPrompt('a cat', 'Oil', starter)).toBe('a cat, oil painting');
    expect(styledPrompt('', 'Pixel', starter)).toBe('pixel art');
    expect(styledPrompt('a cat', null, starter)).toBe('a cat');
  });

  it('is found again in a prompt that it ended', () => {
    for (const style of ['Pixel', 'Oil']) {
      expect(splitStyle(styledPrompt('a cat', style, starter), starter)).toEqual({
        prompt: 'a cat',
        style,
      });
    }
    expect(splitStyle('a cat', starter)).toEqual({ prompt: 'a cat', style: null });
  });
});

describe('reusing a recipe', () => {
  const settings = {
    modelId: 'starter',
    prompt: 'a boat, pixel art',
    negativePrompt: 'blurry',
    width: 320,
    height: 256,
    steps: 30,
    guidanceScale: 5,
    scheduler: 'euler',
    sigmaSchedule: 'normal',
    seed: 42,
    ...defaultImageOptions,
  } as const;

  it('takes everything, so that the same request comes out', () => {
    const draft = reuseSettings({ ...emptyCreateDraft, count: 9 }, settings, 'all', starter);
    expect(checkRequest(draft, starter)).toMatchObject({
      ok: true,
      request: { ...settings, count: 1 },
    });
    expect(draft).toMatchObject({ prompt: 'a boat', style: 'Pixel' });
  });

  it('takes the prompt or the seed alone', () => {
    expect(reuseSettings(emptyCreateDraft, settings, 'prompt', starter)).toMatchObject({
      prompt: 'a boat',
      seed: null,
      changes: {},
    });
    expect(reuseSettings(emptyCreateDraft, settings, 'seed', starter)).toEqual({
      ...emptyCreateDraft,
      seed: 42,
    });
  });

  it('leaves alone what the file does not tell', () => {
    const { steps: _steps, seed: _seed, ...told } = settings;
    const before = changeSettings({ ...emptyCreateDraft, seed: 7 }, starter, { steps: 11 });
    const draft = reuseSettings(before, told, 'all', starter);
    expect(effectiveSettings(draft, starter)).toMatchObject({ steps: 11, width: 320 });
    expect(draft.seed).toBe(7);
  });

  it('keeps the whole prompt when its model is not installed', () => {
    expect(reuseSettings(emptyCreateDraft, settings, 'all', null)).toMatchObject({
      prompt: 'a boat, pixel art',
      seed: 42,
      changes: {},
    });
  });
});

describe('numbers of pictures that a file does not hold', () => {
  const picture = 'a'.repeat(64);
  const source = SourceNumbers.parse({ strength: 0.4, fit: 'pad' });
  const controls = [{ id: 'edges', weight: 0.8, start: 0, end: 1, preprocessor: 'canny' as const }];

  it('go to the pictures that are chosen', () => {
    const before = changeOptions(emptyCreateDraft, { source: Source.parse({ picture }) });
    const { draft, left } = reuseWithoutPictures(emptyCreateDraft, before, { source, controls });
    expect(draft.options.source).toEqual({ ...source, picture });
    expect(draft.options.controls).toEqual([{ ...controls[0], picture }]);
    expect(left).toEqual([]);
  });

  it('are told where no picture is chosen', () => {
    const { draft, left } = reuseWithoutPictures(emptyCreateDraft, emptyCreateDraft, {
      source,
      controls,
    });
    expect(draft).toEqual(emptyCreateDraft);
    expect(left).toEqual([
      'It was made from another picture, which its file does not hold. Choose that picture, with a strength of 0.4.',
      'The ControlNet “edges” followed a picture that the file does not hold. Add it again, with a weight of 0.8.',
    ]);
  });
});

describe('shapes and seeds', () => {
  it('keeps about as many pixels as the model was trained on', () => {
    for (const { ratio } of aspectPresets) {
      const { width, height } = sizeForRatio(ratio, 256 * 256, 8);
      expect((width % 8) + (height % 8)).toBe(0);
      expect((width * height) / (256 * 256)).toBeGreaterThan(0.9);
      expect((width * height) / (256 * 256)).toBeLessThan(1.1);
    }
  });

  it('draws seeds of 32 bits', () => {
    expect(drawSeed(() => 0)).toBe(0);
    expect(drawSeed(() => 1 - Number.EPSILON)).toBe(2 ** 32 - 1);
  });
});
