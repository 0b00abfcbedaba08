/** What a picture's own recipe, or what another program tells, gives back for a new picture. */
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { Recipe } from '../../../../contract/images.ts';
import type { ReusableSettings } from '../../../../contract/reuse.ts';
import { takeAdapters } from '../../../../contract/prompt/adapters.ts';
import { installedAs, modelNamed, type Installed } from './installed.ts';
import type { Told } from './programs/told.ts';
import { plainUpscaler } from './web-ui-names.ts';
import { readTold } from './read-web-ui.ts';

/** @returns null where the file tells nothing */
export function reusableSettings(
  { recipe, told }: { readonly recipe: Recipe | null; readonly told: Told | null },
  installed: Installed,
): ReusableSettings | null {
  if (!recipe) return told && readTold(told, installed);
  const { settings, sheet, modelName, resources } = recipe;
  const left: string[] = [];
  const leftOfPrompt: string[] = [];
  if (!modelNamed(installed, settings.modelId))
    left.push(`The model “${modelName}” is not installed. The one that is chosen stays.`);
  for (const [kind, name] of namesIn(settings))
    if (installedAs(installed, kind, name) === null) left.push(missingSentence(kind, name));
  for (const { name } of takeAdapters(settings.prompt).loras)
    if (installedAs(installed, 'lora', name) === null)
      leftOfPrompt.push(
        `The LoRA “${name}” is not installed. It stays in the prompt, for when it is.`,
      );
  for (const { kind, name } of resources)
    if (kind === 'embedding' && installedAs(installed, kind, name) === null)
      leftOfPrompt.push(`The embedding “${name}” is not installed. Its word stays in the prompt.`);
  if (settings.branch)
    left.push(
      'It went on from a step of another picture; that step is not kept. The settings are.',
    );
  return {
    settings,
    source: null,
    controls: [],
    sheet,
    leftOfPrompt: [...new Set(leftOfPrompt)],
    left: [...new Set(left)],
  };
}

function namesIn(
  settings: ImageSettings,
): (readonly ['lora' | 'controlnet' | 'upscaler' | 'vae', string])[] {
  const upscalers = [settings.hiresFix?.upscaler, settings.upscale?.upscaler].filter(
    (name) => name !== undefined && plainUpscaler(name) === null,
  );
  return [
    ...settings.loras.map(({ id }) => ['lora', id] as const),
    ...settings.controls.map(({ id }) => ['controlnet', id] as const),
    ...upscalers.map((name) => ['upscaler', name ?? ''] as const),
    ...(settings.vaeId === null ? [] : [['vae', settings.vaeId] as const]),
  ];
}

const kindTitles = {
  lora: 'LoRA',
  controlnet: 'ControlNet',
  upscaler: 'upscaler',
  vae: 'autoencoder',
} as const;

function missingSentence(kind: keyof typeof kindTitles, name: string): string {
  return `The ${kindTitles[kind]} “${name}” is not installed. Import it, or leave it out.`;
}
