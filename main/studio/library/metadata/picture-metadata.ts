/** What a picture file of ours carries, and what can be known from any PNG file. */
import { Recipe } from '../../../../contract/images.ts';
import type { ResourceKind } from '../../../../contract/resources.ts';
import { a1111Name } from '../../../../contract/scheduler-names.ts';
import { parseBoundedJson } from './bounded-json.ts';
import { parseParametersText, writeParametersText } from './parameters-text.ts';
import { insertChunks, readPngText, textChunk, utf8Chunk } from './png-chunks.ts';
import { sheetPairs } from './sheet-pairs.ts';
import { optionPairs } from './web-ui-pairs.ts';
import { trainedAlgorithmicMedia, xmpKeyword, xmpOf } from './xmp.ts';

const parametersKeyword = 'parameters';
const recipeKeyword = 'atelier';
/** Web UI shows and matches the first ten digits of a model's SHA-256. */
const shortHashDigits = 10;
/** And the first twelve of an adapter's. */
const adapterHashDigits = 12;

/** What the library knows of a picture without looking at its pixels. */
export interface PictureMetadata {
  readonly width: number;
  readonly height: number;
  readonly recipe: Recipe | null;
  readonly parameters: string | null;
}

/** Words by which a picture is found. */
export interface SearchText {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly model: string;
}

/** The recipe in the words of Stable Diffusion web UI. */
export function parametersOf(recipe: Recipe): string {
  const { settings, versions } = recipe;
  const { sampler, scheduleType } = a1111Name(settings.scheduler, settings.sigmaSchedule);
  return writeParametersText(promptWithLoras(recipe), negativePromptOf(recipe), {
    Steps: settings.steps,
    Sampler: sampler,
    'Schedule type': scheduleType,
    'CFG scale': settings.guidanceScale,
    Seed: settings.seed,
    Size: `${settings.width}x${settings.height}`,
    'Model hash': recipe.modelHash.slice(0, shortHashDigits),
    Model: recipe.modelName,
    ...optionPairs(settings),
    'Lora hashes': hashesOf(recipe, 'lora'),
    'TI hashes': hashesOf(recipe, 'embedding'),
    ...sheetPairs(recipe.sheet),
    Version: creatorTool(versions),
  });
}

/** The web UI knows LoRA by their tags alone; of two weights it wants the names. */
function promptWithLoras({ resolvedPrompt, settings }: Recipe): string {
  const tags = settings.loras.map(({ id, unetWeight, textWeight }) =>
    unetWeight === textWeight
      ? `<lora:${id}:${unetWeight}>`
      : `<lora:${id}:te=${textWeight}:unet=${unetWeight}>`,
  );
  return [resolvedPrompt, ...tags].join(' ').trim();
}

/** `name: digits` of each, as the web UI writes them. */
function hashesOf({ resources }: Recipe, kind: ResourceKind): string | null {
  const own = resources.filter((resource) => resource.kind === kind);
  const hashes = own.map(({ name, hash, tensorsHash }) => {
    const digits = kind === 'lora' ? (tensorsHash ?? hash) : hash;
    return `${name}: ${digits.slice(0, adapterHashDigits)}`;
  });
  return hashes.length > 0 ? hashes.join(', ') : null;
}

/**
 * @param png the encoded picture; not modified
 * @param embedRecipe false leaves nothing but the disclosure that the picture is synthetic
 * @returns the file's final bytes
 */
export function embedRecipe(png: Uint8Array, recipe: Recipe, embedRecipe: boolean): Uint8Array {
  const disclosure = utf8Chunk(
    xmpKeyword,
    xmpOf({
      creatorTool: creatorTool(recipe.versions),
      createdAt: recipe.createdAt,
      digitalSourceType: trainedAlgorithmicMedia,
    }),
  );
  if (!embedRecipe) return insertChunks(png, [disclosure]);
  return insertChunks(png, [
    textChunk(parametersKeyword, parametersOf(recipe)),
    utf8Chunk(recipeKeyword, JSON.stringify(recipe)),
    disclosure,
  ]);
}

/** @returns null if the bytes are no PNG; unreadable recipes count as none */
export function readPictureMetadata(bytes: Uint8Array): PictureMetadata | null {
  const png = readPngText(bytes);
  if (!png) return null;
  return {
    width: png.width,
    height: png.height,
    recipe: parseRecipe(png.texts.get(recipeKeyword) ?? null),
    parameters: png.texts.get(parametersKeyword) ?? null,
  };
}

/** @returns null unless the text is the JSON of a recipe that this version understands */
export function parseRecipe(text: string | null): Recipe | null {
  if (text === null) return null;
  const { value } = parseBoundedJson(text);
  return Recipe.safeParse(value).data ?? null;
}

export function searchTextOf({
  recipe,
  parameters,
}: Pick<PictureMetadata, 'recipe' | 'parameters'>): SearchText {
  if (recipe) {
    const { resolvedPrompt, modelName } = recipe;
    return { prompt: resolvedPrompt, negativePrompt: negativePromptOf(recipe), model: modelName };
  }
  if (parameters === null) return { prompt: '', negativePrompt: '', model: '' };
  const { prompt, negativePrompt, pairs } = parseParametersText(parameters);
  return { prompt, negativePrompt, model: pairs.get('Model') ?? '' };
}

function creatorTool(versions: Recipe['versions']): string {
  return `Atelier ${versions['atelier'] ?? ''}`.trim();
}

function negativePromptOf({ settings, resolvedNegativePrompt }: Recipe): string {
  return resolvedNegativePrompt ?? settings.negativePrompt;
}
