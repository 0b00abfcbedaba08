/** Puts the sheet of a finished grid into the library, with a recipe that names its cells. */
import { StudioError } from '../../../contract/errors.ts';
import type { ImageDetail, Recipe } from '../../../contract/images.ts';
import type { Job } from '../../../contract/queue.ts';
import type { Library } from '../library/library.ts';
import { drawSheet } from './draw-sheet.ts';
import { planRequest, sharedSettings } from './plan-request.ts';

export interface SheetPorts {
  readonly library: Pick<Library, 'get' | 'addImage'>;
  readonly embedRecipe: () => boolean;
  readonly now: () => number;
}

/**
 * As the picture after the last cell, so that a job that was interrupted here goes on here.
 * @param job whose cells are all stored
 * @returns the sheet's id; null where all cells are gone, and for a job that has no grid
 * @throws {StudioError} as `Library.addImage`
 */
export async function storeSheet(
  { id: jobId, request, imageIds }: Job,
  signal: AbortSignal,
  { library, embedRecipe, now }: SheetPorts,
): Promise<string | null> {
  const { grid } = request;
  if (!grid) return null;
  const plan = planRequest(request, grid);
  const cells: string[] = [];
  for (const [index, { place }] of plan.cells.entries()) cells[place] = imageIds[index] ?? '';
  const details: (ImageDetail | null)[] = [];
  for (const imageId of cells) details.push(await found(library, imageId));
  const made = details.flatMap((detail) => detail?.recipe ?? []);
  const [first] = made;
  if (!first) return null;
  const picture = await drawSheet(
    {
      labels: plan.labels,
      files: details.map((detail) => (detail && !detail.missing ? detail.path : null)),
    },
    signal,
  );
  const recipe: Recipe = {
    version: 1,
    settings: sharedSettings(request),
    resolvedPrompt: first.resolvedPrompt,
    ...(first.resolvedNegativePrompt === undefined
      ? {}
      : { resolvedNegativePrompt: first.resolvedNegativePrompt }),
    modelName: first.modelName,
    modelHash: first.modelHash,
    provider: first.provider,
    versions: first.versions,
    jobId,
    pictureIndex: plan.cells.length,
    createdAt: now(),
    durationMs: made.reduce((total, { durationMs }) => total + durationMs, 0),
    resources: distinct(made.flatMap(({ resources }) => resources)),
    sheet: { grid, cells },
  };
  return (await library.addImage({ ...picture, recipe, embedRecipe: embedRecipe() })).id;
}

/** A picture may have been deleted for good while the others were drawn. */
async function found(library: SheetPorts['library'], id: string): Promise<ImageDetail | null> {
  try {
    return await library.get(id);
  } catch (error) {
    if (StudioError.from(error).code === 'not-found') return null;
    throw error;
  }
}

function distinct(resources: readonly Recipe['resources'][number][]): Recipe['resources'] {
  return [...new Map(resources.map((resource) => [JSON.stringify(resource), resource])).values()];
}
