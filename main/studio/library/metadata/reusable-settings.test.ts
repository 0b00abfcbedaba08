import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emphasisNames,
  fitNames,
  ImageOptions,
  maskFillNames,
  preprocessorNames,
} from '../../../../contract/image-options.ts';
import {
  schedulerNames,
  sigmaScheduleNames,
  type ImageSettings,
} from '../../../../contract/image-request.ts';
import type { Recipe } from '../../../../contract/images.ts';
import { recipeOf } from '../library.fixture.ts';
import type { Installed } from './installed.ts';
import { parametersOf } from './picture-metadata.ts';
import { toldByWebUi } from './programs/read-programs.ts';
import { reusableSettings } from './reusable-settings.ts';

const names = {
  lora: ['detail', 'ink_v2'],
  embedding: ['easynegative'],
  controlnet: ['canny-tiny'],
  upscaler: ['4x-sharp'],
  vae: ['mse'],
} as const;
const installed: Installed = {
  models: [
    { id: 'starter', name: 'Starter' },
    { id: 'finisher', name: 'The finisher' },
  ],
  adapters: (Object.keys(names) as (keyof typeof names)[]).flatMap((kind) =>
    names[kind].map((id) => ({ kind, id, name: id, aliases: [], hashes: [] })),
  ),
};
const nothing: Installed = { models: [], adapters: [] };

function readText(parameters: string, known = installed) {
  return reusableSettings({ recipe: null, told: toldByWebUi(parameters) }, known);
}

const hash = 'a'.repeat(64);
const hundredths = (least: number, most: number) =>
  fc.integer({ min: least * 100, max: most * 100 }).map((whole) => whole / 100);
const orNull = <T>(inner: fc.Arbitrary<T>) => fc.option(inner, { nil: null });
const line = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .map((text) => text.replaceAll(/[\n\r<>\0]/gu, ' ').trim())
  .filter((text) => !text.startsWith('Negative prompt:'));
const prompt = fc
  .array(line, { minLength: 1, maxLength: 3 })
  .map((lines) => lines.join('\n').trim());
const weight = hundredths(-2, 2);

const options = fc.record({
  samplerOptions: fc.record({
    eta: orNull(hundredths(0, 1)),
    sChurn: hundredths(0, 10),
    sTmin: hundredths(0, 10),
    sTmax: orNull(hundredths(1, 20)),
    sNoise: hundredths(0, 2),
  }),
  clipSkip: fc.integer({ min: 1, max: 12 }),
  emphasis: fc.constantFrom(...emphasisNames),
  guidanceRescale: hundredths(0, 1),
  freeU: orNull(
    fc.record({
      b1: hundredths(0, 3),
      b2: hundredths(0, 3),
      s1: hundredths(0, 3),
      s2: hundredths(0, 3),
    }),
  ),
  noise: fc.constantFrom('cpu', 'nv'),
  variation: fc.array(fc.record({ seed: fc.maxSafeNat(), strength: hundredths(0, 1) }), {
    maxLength: 1,
  }),
  source: orNull(
    fc.record({
      picture: fc.constant(hash),
      strength: hundredths(0, 1),
      fit: fc.constantFrom(...fitNames),
      mask: orNull(
        fc.record({
          picture: fc.constant(hash),
          blurPx: fc.integer({ min: 0, max: 128 }),
          area: fc.constantFrom('whole', 'masked'),
          paddingPx: fc.integer({ min: 0, max: 512 }),
          fill: fc.constantFrom(...maskFillNames),
        }),
      ),
      extend: orNull(
        fc.record({ left: fc.nat(99), top: fc.nat(99), right: fc.nat(99), bottom: fc.nat(99) }),
      ),
    }),
  ),
  loras: fc.uniqueArray(
    fc.record({ id: fc.constantFrom(...names.lora), unetWeight: weight, textWeight: weight }),
    { selector: ({ id }) => id },
  ),
  controls: fc.array(
    fc.record({
      id: fc.constantFrom(...names.controlnet),
      picture: fc.constant(hash),
      weight: hundredths(0, 4),
      start: hundredths(0, 1),
      end: hundredths(0, 1),
      preprocessor: fc.constantFrom(...preprocessorNames),
    }),
    { maxLength: 3 },
  ),
  vaeId: orNull(fc.constant('mse')),
  decoder: fc.constantFrom('full', 'tiny'),
  linearLayers: fc.constantFrom('stored', 'int8'),
  refiner: orNull(fc.record({ modelId: fc.constant('finisher'), switchAt: hundredths(0, 1) })),
  hiresFix: orNull(
    fc.record({
      scale: hundredths(1, 4),
      steps: orNull(fc.integer({ min: 1, max: 500 })),
      strength: hundredths(0, 1),
      upscaler: fc.constantFrom('latent-nearest', 'latent-bicubic', 'lanczos', '4x-sharp'),
    }),
  ),
  tiledDiffusion: orNull(
    fc.record({
      sidePx: fc.integer({ min: 2, max: 32 }).map((tiles) => tiles * 64),
      overlapPx: fc.integer({ min: 0, max: 64 }).map((latents) => latents * 8),
    }),
  ),
  upscale: orNull(
    fc.record({ scale: hundredths(1, 8), upscaler: fc.constantFrom('bicubic', '4x-sharp') }),
  ),
});

const anyRecipe: fc.Arbitrary<Recipe> = fc
  .record({
    settings: fc.record({
      prompt,
      negativePrompt: prompt,
      width: fc.integer({ min: 8, max: 512 }).map((eighths) => eighths * 8),
      height: fc.integer({ min: 8, max: 512 }).map((eighths) => eighths * 8),
      steps: fc.integer({ min: 1, max: 500 }),
      guidanceScale: hundredths(1, 50),
      scheduler: fc.constantFrom(...schedulerNames),
      sigmaSchedule: fc.constantFrom(...sigmaScheduleNames),
      seed: fc.maxSafeNat(),
    }),
    options,
  })
  .map(({ settings, options: chosen }) => {
    const all: ImageSettings = {
      modelId: 'starter',
      ...settings,
      ...ImageOptions.parse(chosen),
    };
    return { ...recipeOf({ prompt: settings.prompt }), settings: all };
  });

describe('settings out of a picture’s text', () => {
  it('are those that were written, but for pictures', () => {
    fc.assert(
      fc.property(anyRecipe, (recipe) => {
        const read = readText(parametersOf(recipe));
        const { source, controls, ...others } = recipe.settings;
        expect(read?.left).toEqual([]);
        expect(read?.leftOfPrompt).toEqual([]);
        expect(read?.settings).toEqual({ ...others, source: null, controls: [] });
        expect(read?.source ?? null).toEqual(source ? withoutPictures(source) : null);
        expect(read?.controls).toEqual(controls.map(({ picture: _picture, ...use }) => use));
      }),
      { numRuns: 400 },
    );
  });

  it('name what is not installed, and leave it in the prompt', () => {
    const recipe = recipeOf({ prompt: 'a fox <lora:gone:0.7>' });
    recipe.settings.loras = [{ id: 'detail', unetWeight: 0.5, textWeight: 0.5 }];
    const read = readText(parametersOf(recipe), nothing);
    expect(read?.settings.prompt).toBe('a fox <lora:gone:0.7> <lora:detail:0.5>');
    expect(read?.settings.loras).toEqual([]);
    expect(read?.leftOfPrompt).toEqual([
      'The LoRA “gone” is not installed. It stays in the prompt, for when it is.',
      'The LoRA “detail” is not installed. It stays in the prompt, for when it is.',
    ]);
    expect(read?.left).toEqual([
      'The model “Starter” is not installed. The one that is chosen stays.',
    ]);
  });

  it('of a recipe are the recipe’s, with a sentence for each name that is gone', () => {
    const recipe = recipeOf();
    recipe.settings.vaeId = 'mse';
    recipe.settings.upscale = { upscaler: '8x', scale: 2 };
    expect(reusableSettings({ recipe, told: null }, installed)).toEqual({
      settings: recipe.settings,
      source: null,
      controls: [],
      sheet: null,
      leftOfPrompt: [],
      left: ['The upscaler “8x” is not installed. Import it, or leave it out.'],
    });
  });

  it('are none where a picture tells nothing', () => {
    expect(reusableSettings({ recipe: null, told: null }, installed)).toBeNull();
    expect(readText('just words')).toBeNull();
  });
});

function withoutPictures({
  picture: _source,
  mask,
  ...numbers
}: NonNullable<ImageSettings['source']>) {
  if (!mask) return { ...numbers, mask };
  const { picture: _picture, ...maskNumbers } = mask;
  return { ...numbers, mask: maskNumbers };
}

describe('texts as the web UI writes them', () => {
  it('with a sampler of before 1.9, and noise of the graphics card', () => {
    const read = readText(
      `a castle, (mist:1.3)\nNegative prompt: blurry\nSteps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 3051324422, Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Clip skip: 2, ENSD: 31337`,
    );
    expect(read?.settings).toMatchObject({
      prompt: 'a castle, (mist:1.3)',
      negativePrompt: 'blurry',
      steps: 28,
      guidanceScale: 7.5,
      seed: 3_051_324_422,
      width: 512,
      height: 768,
      scheduler: 'dpmpp-2m',
      sigmaSchedule: 'karras',
      noise: 'nv',
      clipSkip: 2,
    });
    expect(read?.settings.modelId).toBeUndefined();
    expect(read?.left).toEqual([
      'The model “v1-5-pruned-emaonly” is not installed. The one that is chosen stays.',
      'An eta noise seed delta of 31337 does not exist here: samplers that draw noise on the way give another picture.',
    ]);
  });

  it('of 1.10, with a second pass that has numbers of its own', () => {
    const read = readText(
      `portrait <lora:detail:0.8>\nNegative prompt: easynegative, bad hands\nSteps: 20, Sampler: DPM++ 2M SDE, Schedule type: Automatic, CFG scale: 6, Seed: 1, Size: 832x1216, Model hash: abcdef0123, Model: Starter, VAE hash: 735e4c3a44, VAE: mse.safetensors, Denoising strength: 0.35, RNG: CPU, Hires Module 1: Use same choices, Hires upscale: 1.5, Hires steps: 12, Hires upscaler: 4x-Sharp, Hires sampler: Euler a, Hires schedule type: Use same scheduler, Hires CFG Scale: 7, Lora hashes: "detail: 0123456789ab", TI hashes: "easynegative: c74b4e810b03, badhands: aa7651be154c", Version: v1.10.1`,
    );
    expect(read?.settings).toMatchObject({
      modelId: 'starter',
      prompt: 'portrait',
      loras: [{ id: 'detail', unetWeight: 0.8, textWeight: 0.8 }],
      sigmaSchedule: 'exponential',
      noise: 'cpu',
      vaeId: 'mse',
      hiresFix: { scale: 1.5, steps: 12, strength: 0.35, upscaler: '4x-sharp' },
    });
    expect(read?.source).toBeNull();
    expect(read?.leftOfPrompt).toEqual([
      'The embedding “badhands” is not installed. Its word stays in the prompt.',
    ]);
    expect(read?.left).toEqual([
      'Its second pass had the sampler “Euler a”; here both passes share one.',
      'Its second pass had the guidance “7”; here both passes share one.',
      'Not understood here and left out: Hires Module 1.',
    ]);
  });

  it('of a painted mask, a variation and resized noise', () => {
    const read = readText(
      `a hat\nSteps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7, Seed: 5, Size: 512x512, Denoising strength: 0.6, Mask blur: 6, Inpaint area: Only masked, Masked area padding: 48, Variation seed: 9, Variation seed strength: 0.2, Seed resize from: 768x512, Tiling: True, NGMS: 2, Version: v1.9.4`,
    );
    expect(read?.source).toEqual({
      strength: 0.6,
      fit: 'crop',
      extend: null,
      mask: { blurPx: 6, area: 'masked', paddingPx: 48, fill: 'original' },
    });
    expect(read?.settings.variation).toEqual([{ seed: 9, strength: 0.2 }]);
    expect(read?.left).toEqual([
      'Noise resized from 768x512 does not exist here: the picture will be another one.',
      'Pictures that tile do not exist here: this one will have edges.',
      'Every step is guided here; it left guidance out of some (NGMS).',
    ]);
  });

  it.each([
    'ControlNet 0: "Module: canny, Model: canny-tiny [d14c016b], Weight: 0.8, Resize Mode: Crop and Resize, Low Vram: False, Processor Res: 512, Threshold A: 100, Threshold B: 200, Guidance Start: 0.1, Guidance End: 0.9, Pixel Perfect: True, Control Mode: Balanced"',
    'ControlNet 0: "preprocessor: canny, model: canny-tiny [d14c016b], weight: 0.8, starting/ending: (0.1, 0.9), resize mode: Crop and Resize, pixel perfect: True, preprocessor params: (512, 100, 200)"',
    'ControlNet Enabled: True, ControlNet Module: canny, ControlNet Model: canny-tiny [d14c016b], ControlNet Weight: 0.8, ControlNet Guidance Start: 0.1, ControlNet Guidance End: 0.9',
  ])('of a ControlNet, as in %s', (pairs) => {
    const read = readText(
      `x\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x512, RNG: CPU, ${pairs}`,
    );
    expect(read?.controls).toEqual([
      { id: 'canny-tiny', weight: 0.8, start: 0.1, end: 0.9, preprocessor: 'canny' },
    ]);
    expect(read?.left).toEqual([]);
  });

  it('of ControlNets whose parts are not here', () => {
    const read = readText(
      'x\nSteps: 20, Sampler: Euler, Seed: 5, ControlNet 0: "Module: depth_midas, Model: canny-tiny, Weight: 1", ControlNet 1: "Module: openpose, Model: pose [1], Weight: 1"',
    );
    expect(read?.controls).toMatchObject([{ preprocessor: 'none' }]);
    expect(read?.left).toEqual([
      'ControlNet “canny-tiny” read its picture by “depth_midas”, which is not here: give it a finished map.',
      'The ControlNet “pose” is not installed; the picture is drawn without it.',
    ]);
  });

  it('with a refiner, and FreeU as Forge writes it', () => {
    const read = readText(
      'x\nSteps: 30, Sampler: Euler, Seed: 5, Size: 1024x1024, Refiner: The finisher [7440042bbd], Refiner switch at: 0.8, freeu_enabled: True, freeu_b1: 1.1, freeu_b2: 1.2, freeu_s1: 0.6, freeu_s2: 0.4, freeu_start: 0, freeu_end: 1, Emphasis: No norm',
    );
    expect(read?.settings).toMatchObject({
      refiner: { modelId: 'finisher', switchAt: 0.8 },
      freeU: { b1: 1.1, b2: 1.2, s1: 0.6, s2: 0.4 },
      emphasis: 'original',
    });
    expect(read?.left).toEqual(['The emphasis “No norm” does not exist here; “Original” is used.']);
  });

  it('with a LoRA that has another name here, found by its hash', () => {
    const known: Installed = {
      ...installed,
      adapters: [
        {
          kind: 'lora',
          id: 'mine',
          name: 'mine',
          aliases: [],
          hashes: [`0123456789ab${'0'.repeat(52)}`],
        },
      ],
    };
    const read = readText(
      'x <lora:theirs:0.4> y\nSteps: 1, Sampler: Euler, Seed: 5, Lora hashes: "theirs: 0123456789ab"',
      known,
    );
    expect(read?.settings.prompt).toBe('x <lora:mine:0.4> y');
    expect(read?.left).toEqual([]);
  });

  it('with values that are not possible here', () => {
    const read = readText(
      'x\nSteps: 900, Sampler: Restart, CFG scale: much, Seed: -1, Size: 513x64',
    );
    expect(read?.settings).toMatchObject({ prompt: 'x', height: 64 });
    expect(read?.left).toEqual([
      'CFG scale: “much” is no number. Yours stays.',
      'The sampler “Restart” does not exist here. Yours stays.',
      'Width: 513 is not possible here. Yours stays.',
      'Steps: 900 is not possible here. Yours stays.',
      'Seed: -1 is not possible here. Yours stays.',
    ]);
  });
});
