/** What is set on the Create screen and not sent yet. Pure: the screen draws it, the studio keeps it. */
import { z } from 'zod';
import { ImageRequest, Seed } from '../../../contract/image-request.ts';
import { defaultImageOptions, ImageOptions } from '../../../contract/image-options.ts';
import { ImageDefaults } from '../../../contract/image-defaults.ts';
import type { PlannedGrid } from '../../../contract/grid-cells.ts';
import type { ImageModel } from '../../../contract/models.ts';
import { emptyGridDraft, GridDraft, planDraftGrid } from './grid-draft.ts';

export const CreateDraft = z.object({
  modelId: z.string().nullable(),
  prompt: z.string(),
  negativePrompt: z.string(),
  /** Name of the chosen style of the model, if any. */
  style: z.string().nullable(),
  /** What differs from the model's defaults, per model. Typed values may be out of range. */
  changes: z.record(
    z.string(),
    z
      .object({ ...ImageDefaults.shape, width: z.number(), height: z.number(), steps: z.number() })
      .partial(),
  ),
  /** A number keeps the seed; null draws a new one for every picture. */
  seed: z.number().nullable(),
  count: z.number(),
  /** Input pictures, a second pass, adapters and whatever else has a value that means "without". */
  options: ImageOptions.catch(defaultImageOptions),
  grid: GridDraft.catch(emptyGridDraft),
  /** Adapters that are switched off but stay in the panels: LoRAs by id, ControlNets by place. */
  off: z
    .object({ loras: z.array(z.string()), controls: z.array(z.number()) })
    .catch({ loras: [], controls: [] }),
});
export type CreateDraft = z.infer<typeof CreateDraft>;

export const emptyCreateDraft: CreateDraft = {
  modelId: null,
  prompt: '',
  negativePrompt: '',
  style: null,
  changes: {},
  seed: null,
  count: 1,
  options: defaultImageOptions,
  grid: emptyGridDraft,
  off: { loras: [], controls: [] },
};

/** The model that the draft asks for if it can be used, else the first that can. */
export function chosenModel(draft: CreateDraft, models: readonly ImageModel[]): ImageModel | null {
  const usable = models.filter(({ problem }) => problem === null);
  return usable.find(({ id }) => id === draft.modelId) ?? usable[0] ?? null;
}

/** The draft's numbers over the model's defaults. */
export function effectiveSettings(draft: CreateDraft, model: ImageModel): ImageDefaults {
  return { ...model.defaults, ...withoutUndefined(draft.changes[model.id] ?? {}) };
}

/** Sets some settings; a value equal to the model's default follows the default again. */
export function changeSettings(
  draft: CreateDraft,
  model: ImageModel,
  change: Partial<ImageDefaults>,
): CreateDraft {
  const merged = { ...draft.changes[model.id], ...change };
  const kept = Object.entries(merged).filter(
    ([key, value]) => value !== model.defaults[key as keyof ImageDefaults],
  );
  return { ...draft, changes: { ...draft.changes, [model.id]: Object.fromEntries(kept) } };
}

export function changeOptions(draft: CreateDraft, change: Partial<ImageOptions>): CreateDraft {
  return { ...draft, options: { ...draft.options, ...change } };
}

/** What is sent: without what is switched off. */
export function sentOptions({ options, off }: CreateDraft): ImageOptions {
  return {
    ...options,
    loras: options.loras.filter(({ id }) => !off.loras.includes(id)),
    controls: options.controls.filter((_, index) => !off.controls.includes(index)),
  };
}

/** Appends the ending of the chosen style. */
export function styledPrompt(prompt: string, style: string | null, model: ImageModel): string {
  const suffix = model.styles.find(({ name }) => name === style)?.suffix;
  if (!suffix) return prompt;
  if (prompt.trim() === '') return suffix.replace(/^[\s,]+/, '');
  return /^[\s,.;]/.test(suffix) ? prompt.trimEnd() + suffix : `${prompt.trimEnd()}, ${suffix}`;
}

/** Takes a style's ending off a prompt again. @returns the bare prompt and the style that it had */
export function splitStyle(
  prompt: string,
  model: ImageModel,
): { prompt: string; style: string | null } {
  for (const { name } of model.styles) {
    const ending = styledPrompt('x', name, model).slice(1);
    if (ending !== '' && prompt.endsWith(ending))
      return { prompt: prompt.slice(0, -ending.length), style: name };
  }
  return { prompt, style: null };
}

export type DraftField =
  | keyof ImageDefaults
  | keyof ImageOptions
  | 'prompt'
  | 'negativePrompt'
  | 'seed'
  | 'count'
  | 'grid';

export type CheckedRequest =
  | { readonly ok: true; readonly request: ImageRequest; readonly plan: PlannedGrid | null }
  | { readonly ok: false; readonly errors: Partial<Record<DraftField, string>> };

/** The request that the draft stands for, or what is wrong with it, by field. */
export function checkRequest(draft: CreateDraft, model: ImageModel): CheckedRequest {
  const settings = effectiveSettings(draft, model);
  const errors: Partial<Record<DraftField, string>> = {};
  const result = ImageRequest.safeParse({
    ...sentOptions(draft),
    ...settings,
    modelId: model.id,
    prompt: styledPrompt(draft.prompt, draft.style, model),
    negativePrompt: draft.negativePrompt,
    seed: draft.seed,
    // A grid has as many as it has cells.
    count: draft.grid.on ? 1 : draft.count,
    grid: draft.grid.on ? { axes: draft.grid.axes } : null,
  });
  const planned = result.success ? planDraftGrid(result.data, model) : null;
  if (planned && !planned.ok) errors.grid = planned.problems[0]?.message ?? '';
  for (const issue of result.error?.issues ?? []) {
    const field = issue.path[0] as DraftField;
    errors[field] ??=
      sentenceFor(field) ??
      (issue.code === 'invalid_type' ? 'A whole number is needed.' : issue.message);
  }
  for (const side of ['width', 'height'] as const) {
    if (settings[side] % model.spatialFactor !== 0) {
      errors[side] ??= `This model needs a multiple of ${model.spatialFactor} pixels.`;
    }
  }
  return result.success && Object.keys(errors).length === 0
    ? { ok: true, request: result.data, plan: planned }
    : { ok: false, errors };
}

function sentenceFor(field: DraftField): string | null {
  switch (field) {
    case 'seed':
      return `A seed is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`;
    case 'count':
      return 'Between 1 and 1000 pictures can be made at once.';
    case 'guidanceScale':
      return 'Guidance goes from 1 (off) to 50.';
    default:
      return null;
  }
}

/** @param random uniform in [0, 1) @returns a seed that fits the generator's 32 bits */
export function drawSeed(random: () => number): number {
  return Seed.parse(Math.floor(random() * 2 ** 32));
}

function withoutUndefined<T extends object>(
  record: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
