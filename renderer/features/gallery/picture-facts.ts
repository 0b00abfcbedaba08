/** What is known of how a picture was made, as rows of names and values. Pure. */
import { gridFieldFacts } from '../../../contract/grid-fields.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { schedulerTitle } from '../../../contract/scheduler-names.ts';
import { providerTitles } from '../../app/provider-titles.ts';
import { formatBytes, formatDate, formatDuration } from '../../ui/format.ts';

export type Fact = readonly [name: string, value: string];

/** Of a recipe of ours, or of what the file was understood to say. */
export function recipeFacts({
  recipe,
  understood,
}: Pick<ImageDetail, 'recipe' | 'understood'>): Fact[] {
  if (recipe) {
    const { settings } = recipe;
    return [
      ...(recipe.sheet?.grid.axes ?? []).map(({ field, target, values }): Fact => [
        `Grid, ${target ?? gridFieldFacts[field].title.toLowerCase()}`,
        values,
      ]),
      ['Model', recipe.modelName],
      ['Seed', String(settings.seed)],
      ['Steps', String(settings.steps)],
      ['Guidance', String(settings.guidanceScale)],
      ['Sampler', schedulerTitle(settings.scheduler)],
      ['Schedule', settings.sigmaSchedule === 'karras' ? 'Karras' : 'Normal'],
      ...recipe.resources.map(({ kind, name, weight }): Fact => [
        kind === 'lora' ? 'LoRA' : 'Embedding',
        kind === 'lora' ? `${name} × ${weight}` : name,
      ]),
    ];
  }
  if (!understood) return [];
  const { modelName, modelHash, seed, steps, guidanceScale, sampler, schedule } = understood;
  const facts: (readonly [string, string | number | null])[] = [
    ['Model', modelName],
    ['Seed', seed],
    ['Steps', steps],
    ['Guidance', guidanceScale],
    ['Sampler', sampler],
    ['Schedule', schedule],
    ...understood.loras.map(({ name, unetWeight }) => ['LoRA', `${name} × ${unetWeight}`] as const),
    ['Model hash', modelHash],
    ...Object.entries(understood.further),
  ];
  return facts.flatMap(([name, value]): Fact[] => (value === null ? [] : [[name, String(value)]]));
}

/** Of the file itself, and of the machine that drew it. */
export function fileFacts(image: ImageDetail): Fact[] {
  const { recipe } = image;
  return [
    ['Size', `${image.width} × ${image.height}`],
    ['Format', image.format.toUpperCase()],
    ['Made', formatDate(image.createdAt)],
    ['File', image.fileName],
    ['File size', formatBytes(image.sizeBytes)],
    ...(image.importedFrom === null ? [] : [['Brought in from', image.importedFrom] as const]),
    ...(recipe
      ? [
          ['Drawn on', providerTitles[recipe.provider]] as const,
          ['Took', formatDuration(recipe.durationMs)] as const,
          ['Model hash', recipe.modelHash] as const,
          ...Object.entries(recipe.versions).map((version): Fact => version),
        ]
      : []),
  ];
}

/** What it was asked to show, as far as anything tells. */
export function promptsOf({
  recipe,
  understood,
  prompt,
}: Pick<ImageDetail, 'recipe' | 'understood' | 'prompt'>): {
  readonly prompt: string;
  readonly negativePrompt: string;
} {
  return {
    prompt: prompt || (understood?.prompt ?? ''),
    negativePrompt: recipe?.settings.negativePrompt ?? understood?.negativePrompt ?? '',
  };
}
