/** Styles and presets over a draft. Pure. */
import { ImageDefaults } from '../../../contract/image-defaults.ts';
import { ImageOptions } from '../../../contract/image-options.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { Emphasis } from '../../../contract/prompt/attention.ts';
import { parsePrompt } from '../../../contract/prompt/parse.ts';
import { promptProblems } from '../../../contract/prompt/problems.ts';
import { applyStyleText } from '../../../contract/prompt/style.ts';
import type { Preset, Style } from '../../../contract/prompts.ts';
import { changeOptions, changeSettings, type CreateDraft } from './create-draft.ts';

/** Puts a style around what is written. */
export function applyStyle(draft: CreateDraft, style: Style): CreateDraft {
  return {
    ...draft,
    prompt: applyStyleText(draft.prompt, style.prompt),
    negativePrompt: applyStyleText(draft.negativePrompt, style.negativePrompt),
  };
}

/** What is odd about a style's own words; wildcards are looked for when it is drawn. */
export function styleProblem(style: Style, emphasis: Emphasis): string | null {
  const problems = [style.prompt, style.negativePrompt].flatMap((text) =>
    promptProblems(parsePrompt(text, 'style'), { emphasis, isWildcard: () => true }),
  );
  const [first] = problems;
  return first ? `${first.message} ${first.remedy}` : null;
}

/** What a preset keeps: everything but prompts, seed and pictures. */
export function presetOf(options: ImageOptions, settings: ImageDefaults): Preset['settings'] {
  const {
    source: _source,
    branch: _branch,
    controls: _controls,
    variation: _variation,
    ...kept
  } = options;
  return { ...kept, ...settings };
}

export function applyPreset(draft: CreateDraft, preset: Preset, model: ImageModel): CreateDraft {
  const { settings } = preset;
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const defaults = Object.fromEntries(
    given.filter(([key]) => Object.hasOwn(ImageDefaults.shape, key)),
  );
  const options = ImageOptions.partial().parse({
    ...draft.options,
    ...Object.fromEntries(given.filter(([key]) => !Object.hasOwn(ImageDefaults.shape, key))),
  });
  const off = { ...draft.off, ...(settings.loras ? { loras: [] } : {}) };
  const next = changeSettings({ ...draft, off }, model, defaults);
  return changeOptions(next, withoutUndefined(options));
}

function withoutUndefined(
  options: Partial<{ [K in keyof ImageOptions]: ImageOptions[K] | undefined }>,
) {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<ImageOptions>;
}
