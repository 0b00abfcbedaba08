/**
 * A process that makes the pictures of a job that are not there yet, saying each index once it is
 * stored, until it is killed. Arguments: library folder, cache folder, job, how many pictures.
 */
import { openLibrary } from './library.ts';
import { addPicture, rate, recipeOf } from './library.fixture.ts';

const [folder = '', cacheFolder = '', jobId = '', count = '0'] = process.argv.slice(2);
const library = await openLibrary({ folder, cacheFolder, log: () => {} });
const finished = new Set((await library.finishedPictures(jobId)).map(({ index }) => index));
process.send?.('ready');
for (let pictureIndex = 0; pictureIndex < Number(count); pictureIndex += 1) {
  if (finished.has(pictureIndex)) continue;
  const recipe = recipeOf({
    jobId,
    pictureIndex,
    seed: pictureIndex,
    createdAt: 1_800_000_000_000 + pictureIndex,
  });
  // Every third keeps its recipe to itself, so that the journal has to remember whose it is.
  const { id } = await addPicture(library, recipe, { embedRecipe: pictureIndex % 3 !== 0 });
  await rate(library, [id], 1 + (pictureIndex % 5));
  process.send?.(pictureIndex);
}
await library.close();
process.send?.('done');
