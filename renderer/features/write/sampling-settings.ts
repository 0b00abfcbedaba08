/** What a model is asked to write with: its own defaults, and what the person changed. */
import type { TextModel } from '../../../contract/models.ts';
import { SamplingSettings } from '../../../contract/write.ts';
import type { DeskSettings } from './desk-settings.ts';

export const modelsOwn = 'The model’s own';
export const ownSettings = 'Own settings';

/** What the settings of a model are called. */
export function presetOf(settings: DeskSettings, model: TextModel): string {
  if (settings.preset !== null) return settings.preset;
  return Object.keys(settings.changes[model.id] ?? {}).length === 0 ? modelsOwn : ownSettings;
}

export const defaultSampling = (model: TextModel): SamplingSettings =>
  SamplingSettings.parse(model.defaults);

/** A change that no longer fits is left out. */
export function samplingFor(settings: DeskSettings, model: TextModel): SamplingSettings {
  const defaults = defaultSampling(model);
  const changed = SamplingSettings.safeParse({ ...defaults, ...settings.changes[model.id] });
  return changed.success ? changed.data : defaults;
}
