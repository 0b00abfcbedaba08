import { StudioError } from '../../../contract/errors.ts';
import type { ImageId } from '../../../contract/ids.ts';
import { useWindow } from '../../app/window-model.ts';
import { drawSeed } from './create-draft.ts';
import { defaultWallStrength, shownWall, wallRequest } from './seed-walls.ts';

interface Explore {
  /** Draws a wall of variations around a picture, behind those that are there. */
  around(id: ImageId, strength?: number): Promise<void>;
  /** What the wall that is shown has not drawn yet is not drawn any more. */
  stop(): Promise<void>;
}

export function useExplore(): Explore {
  const { client, comparison, exploration, queries, toasts } = useWindow();

  async function stop(): Promise<void> {
    const walls = exploration.get();
    if (!walls) return;
    // A job that is done cannot be cancelled, and one that is gone need not be.
    await client['queue.cancel']({ id: shownWall(walls).jobId }).catch(() => {});
  }

  return {
    stop,
    async around(id, strength = defaultWallStrength) {
      await toasts.watch(
        (async () => {
          const { recipe } = await queries.fetchQuery({
            queryKey: ['images', 'detail', id],
            queryFn: () => client['images.get']({ id }),
          });
          if (!recipe)
            throw new StudioError(
              'not-found',
              'This picture carries no recipe, so there is nothing to vary.',
            );
          await stop();
          const job = await client['queue.add'](
            wallRequest(recipe.settings, strength, drawSeed(Math.random)),
          );
          const wall = { originId: id, jobId: job.id, strength };
          comparison.set(null);
          exploration.set((walls) => (walls ? [...walls, wall] : [wall]));
        })(),
      );
    },
  };
}
