/** Styles and presets over a draft. Pure. */
import { ImageDefaults } from '../../../contract/image-defaults.ts';
import { ImageOptions } from '../../../contract/image-options.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { Preset, Style } from '../../../contract/prompts.ts';
import { changeOptions, changeSettings, type CreateDraft } from './create-draft.ts';

/** Puts a style around what is written. */
export function applyStyle(draft: CreateDraft, style: Style): CreateDraft {
  return {
    ...draft,
    prompt: styled(draft.prompt, style.prompt),
    negativePrompt: styled(draft.negativePrompt, style.negativePrompt),
  };
}

function styled(text: string, style: string): string {
  if (style.includes('{prompt}')) return style.replaceAll('{prompt}', () => text);
  const parts = [text.trim(), style.trim()].filter((part) => part !== '');
  return parts.join(', ');
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
