/** What a picture's file tells, taken into the draft. Pure. */
import { ImageOptions, type ControlUse, type Source } from '../../../contract/image-options.ts';
import type { ImageDefaults } from '../../../contract/image-defaults.ts';
import type { Sheet } from '../../../contract/grid.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { ReusableSettings, SourceNumbers } from '../../../contract/reuse.ts';
import { changeSettings, emptyCreateDraft, splitStyle, type CreateDraft } from './create-draft.ts';

/** Which parts of a picture's recipe to take over. */
export type ReusePart = 'all' | 'prompt' | 'seed';

/**
 * Takes a recipe's settings into the draft.
 * @param model the model whose numbers the recipe's become; null keeps the numbers as they are
 * @param sheet where the recipe is that of a grid
 */
export function reuseSettings(
  draft: CreateDraft,
  settings: ReusableSettings['settings'],
  part: ReusePart,
  model: ImageModel | null,
  sheet: Sheet | null = null,
): CreateDraft {
  const { prompt, style } = model
    ? splitStyle(settings.prompt, model)
    : { prompt: settings.prompt, style: null };
  const prompts = { prompt, style, negativePrompt: settings.negativePrompt };
  const seed = settings.seed ?? draft.seed;
  switch (part) {
    case 'prompt':
      return { ...draft, ...prompts };
    case 'seed':
      return { ...draft, seed };
    case 'all': {
      // Steps to branch from are kept for the session only, and belong to one picture.
      const options = { ...ImageOptions.parse(settings), branch: null };
      const grid = sheet ? { on: true, axes: sheet.grid.axes } : { ...draft.grid, on: false };
      const { off } = emptyCreateDraft;
      const next = { ...draft, ...prompts, seed, count: 1, options, grid, off };
      return model
        ? changeSettings({ ...next, modelId: model.id }, model, numbersOf(settings))
        : next;
    }
    default:
      return part satisfies never;
  }
}

/** Those that the file tells. */
function numbersOf({
  width,
  height,
  steps,
  guidanceScale,
  scheduler,
  sigmaSchedule,
}: ReusableSettings['settings']): Partial<ImageDefaults> {
  const numbers = { width, height, steps, guidanceScale, scheduler, sigmaSchedule };
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
}

/**
 * The numbers of pictures that the file does not hold go to those of the draft before.
 * @param before the draft that the settings were taken into
 * @returns the draft, and what has no picture to go with, in sentences
 */
export function reuseWithoutPictures(
  draft: CreateDraft,
  before: CreateDraft,
  { source, controls }: Pick<ReusableSettings, 'source' | 'controls'>,
): { readonly draft: CreateDraft; readonly left: readonly string[] } {
  const left: string[] = [];
  const own = before.options.source;
  const options = { ...draft.options };
  if (source && own) options.source = withNumbers(own, source);
  else if (source)
    left.push(
      `It was made from another picture, which its file does not hold. Choose that picture, with a strength of ${source.strength}.`,
    );
  const kept: ControlUse[] = [];
  for (const [index, numbers] of controls.entries()) {
    const picture = before.options.controls[index]?.picture ?? own?.picture;
    if (picture) kept.push({ ...numbers, picture });
    else
      left.push(
        `The ControlNet “${numbers.id}” followed a picture that the file does not hold. Add it again, with a weight of ${numbers.weight}.`,
      );
  }
  if (kept.length > 0) options.controls = kept;
  return { draft: { ...draft, options }, left };
}

function withNumbers(own: Source, { mask, ...numbers }: SourceNumbers): Source {
  return { ...own, ...numbers, mask: own.mask && mask ? { ...own.mask, ...mask } : own.mask };
}
