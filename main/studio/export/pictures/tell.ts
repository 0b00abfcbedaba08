/** What an exported picture tells of itself, by the profile that was chosen. */
import type { ExportMetadata } from '../../../../contract/exports.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import type { ProgramName } from '../../../../contract/picture-facts.ts';
import { writeParametersText } from '../../library/metadata/parameters-text.ts';
import { parametersOf } from '../../library/metadata/picture-metadata.ts';
import { xmpOf, type XmpContent } from '../../library/metadata/xmp.ts';
import { tellsNothing, type ToldMetadata } from '../metadata/told.ts';

const programTitles = {
  atelier: 'Atelier',
  'web-ui': 'Stable Diffusion web UI',
  comfyui: 'ComfyUI',
  invokeai: 'InvokeAI',
  fooocus: 'Fooocus',
  'draw-things': 'Draw Things',
  novelai: 'NovelAI',
  other: null,
} as const satisfies Record<ProgramName, string | null>;

/** @param digitalSourceType see `provenance.ts` */
export function tell(
  picture: ImageDetail,
  profile: ExportMetadata,
  digitalSourceType: string | null,
): ToldMetadata {
  switch (profile) {
    case 'clean':
      return tellsNothing;
    case 'disclosure':
      return { ...tellsNothing, xmp: disclosure(picture, digitalSourceType) };
    case 'full':
      return everything(picture, digitalSourceType);
    default:
      return profile satisfies never;
  }
}

/** Null where nothing is claimed of a picture: then there is nothing to disclose. */
function disclosure(picture: ImageDetail, digitalSourceType: string | null): string | null {
  if (digitalSourceType === null) return null;
  return xmpOf({ creatorTool: creatorTool(picture), createdAt: null, digitalSourceType });
}

function everything(picture: ImageDetail, digitalSourceType: string | null): ToldMetadata {
  const { recipe } = picture;
  const content: XmpContent = {
    creatorTool: creatorTool(picture),
    createdAt: picture.createdAt,
    digitalSourceType,
    rating: picture.rating > 0 ? picture.rating : null,
    label: picture.label === null ? null : titled(picture.label),
    keywords: picture.tags,
    description: picture.note || picture.prompt,
  };
  const recipeJson = recipe === null ? null : JSON.stringify(recipe);
  return {
    parameters: parametersTextOf(picture),
    recipe: recipeJson,
    xmp: xmpOf(content),
    xmpWithRecipe: xmpOf({ ...content, recipeJson }),
    software: creatorTool(picture),
  };
}

/** As it stands in the file, else what was understood in the same words; null where nothing is known. */
export function parametersTextOf(picture: ImageDetail): string | null {
  const { recipe, parameters, understood } = picture;
  if (recipe) return parametersOf(recipe);
  if (parameters !== null || !understood) return parameters;
  return writeParametersText(understood.prompt, understood.negativePrompt, {
    Steps: understood.steps,
    Sampler: understood.sampler,
    'Schedule type': understood.schedule,
    'CFG scale': understood.guidanceScale,
    Seed: understood.seed,
    Size: `${picture.width}x${picture.height}`,
    'Model hash': understood.modelHash,
    Model: understood.modelName,
  });
}

function creatorTool({ recipe, program }: ImageDetail): string | null {
  if (recipe) return `Atelier ${recipe.versions['atelier'] ?? ''}`.trim();
  return program === null ? null : programTitles[program];
}

function titled(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
