/** What a picture is found by, from its recipe or from what its metadata was understood to say. */
import type { Recipe, Understood } from '../../../contract/images.ts';
import { parseScheduleName, parseSchedulerName } from '../../../contract/scheduler-names.ts';
import { readPrograms } from './metadata/programs/read-programs.ts';
import { understoodOf } from './metadata/understood.ts';

export interface PictureFacts {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly model: string;
  /** Canonical names where they are known, else as they were written; '' for none. */
  readonly sampler: string;
  readonly schedule: string;
  /** Names, each once. */
  readonly loras: readonly string[];
  readonly seed: number | null;
  readonly steps: number | null;
  readonly guidanceScale: number | null;
}

/** One picture that this one came from: the hash of a content, or the id of a picture. */
export interface Origin {
  readonly origin: string;
  readonly through:
    | 'image-to-image'
    | 'inpaint'
    | 'outpaint'
    | 'upscale'
    | 'branch'
    | 'control'
    | 'grid-cell';
}

/** @param parameters the web UI's text, for files of which nothing else is understood */
export function factsOf(
  recipe: Recipe | null,
  understood: Understood | null,
  parameters: string | null,
): PictureFacts {
  if (recipe) return recipeFacts(recipe);
  const told = understood ?? (parameters === null ? null : understoodParameters(parameters));
  if (!told) {
    return {
      prompt: '',
      negativePrompt: '',
      model: '',
      sampler: '',
      schedule: '',
      loras: [],
      seed: null,
      steps: null,
      guidanceScale: null,
    };
  }
  const scheduler = told.sampler === null ? null : parseSchedulerName(told.sampler.slice(0, 200));
  const schedule = told.schedule === null ? null : parseScheduleName(told.schedule.slice(0, 200));
  return {
    prompt: told.prompt,
    negativePrompt: told.negativePrompt,
    model: told.modelName ?? '',
    sampler: scheduler?.scheduler ?? told.sampler ?? '',
    schedule: schedule ?? scheduler?.sigmaSchedule ?? told.schedule ?? '',
    loras: [...new Set(told.loras.map(({ name }) => oneLine(name)))],
    seed: told.seed !== null && Number.isSafeInteger(told.seed) ? told.seed : null,
    steps: told.steps,
    guidanceScale: told.guidanceScale,
  };
}

function recipeFacts(recipe: Recipe): PictureFacts {
  const { settings, resources } = recipe;
  const used = resources.filter(({ kind }) => kind === 'lora').map(({ name }) => name);
  const named = used.length > 0 ? used : settings.loras.map(({ id }) => id);
  return {
    prompt: recipe.resolvedPrompt,
    negativePrompt: recipe.resolvedNegativePrompt ?? settings.negativePrompt,
    model: recipe.modelName,
    sampler: settings.scheduler,
    schedule: settings.sigmaSchedule,
    loras: [...new Set(named.map(oneLine))],
    seed: settings.seed,
    steps: settings.steps,
    guidanceScale: settings.guidanceScale,
  };
}

/** Of rows of the first version, which hold the web UI's text alone. */
function understoodParameters(parameters: string): Understood | null {
  const told = readPrograms([{ place: 'png:parameters', text: parameters }], []);
  if (!told) return null;
  const understood = understoodOf(told);
  return { ...understood, loras: [...understood.loras] };
}

export function originsOf(recipe: Recipe | null): readonly Origin[] {
  if (!recipe) return [];
  const { source, controls, branch, upscale } = recipe.settings;
  const origins: Origin[] = [];
  if (source) {
    const through = source.extend
      ? 'outpaint'
      : source.mask
        ? 'inpaint'
        : upscale && source.strength === 0
          ? 'upscale'
          : 'image-to-image';
    origins.push({ origin: source.picture, through });
  }
  if (branch) origins.push({ origin: branch.imageId, through: 'branch' });
  for (const { picture } of controls) origins.push({ origin: picture, through: 'control' });
  for (const id of recipe.sheet?.cells ?? []) origins.push({ origin: id, through: 'grid-cell' });
  return origins;
}

/** Lists are kept with a line each. */
function oneLine(name: string): string {
  return name.replaceAll(/\s+/g, ' ').trim();
}
