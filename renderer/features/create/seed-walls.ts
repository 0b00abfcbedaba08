/** Exploring around a picture: walls of small variations, each around one that was picked before. Pure. */
import type { ImageId, JobId } from '../../../contract/ids.ts';
import type { ImageRequest, ImageSettings } from '../../../contract/image-request.ts';

export const wallColumns = 3;
export const wallTiles = wallColumns * wallColumns;
export const defaultWallStrength = 0.2;

/** Nine variations of one picture, made by one job. */
export interface SeedWall {
  readonly originId: ImageId;
  readonly jobId: JobId;
  readonly strength: number;
}

/** The last wall is the one that is shown; never empty. */
export type SeedWalls = readonly [SeedWall, ...SeedWall[]];

export function shownWall(walls: SeedWalls): SeedWall {
  return walls.at(-1) ?? walls[0];
}

/** @returns null behind the first wall */
export function earlierWalls(walls: SeedWalls): SeedWalls | null {
  const [first, ...others] = walls.slice(0, -1);
  return first ? [first, ...others] : null;
}

/**
 * Nine pictures whose noise goes on from that of the origin.
 * @param settings the origin's
 * @param seed of the first variation; the others have those after it
 */
export function wallRequest(settings: ImageSettings, strength: number, seed: number): ImageRequest {
  return {
    ...settings,
    variation: [...settings.variation, { seed, strength }],
    count: wallTiles,
    grid: null,
  };
}

/** @returns the tile that a key leads to; undefined for a key that means nothing here */
export function nextTile(current: number, key: string): number | undefined {
  const column = current % wallColumns;
  switch (key) {
    case 'ArrowLeft':
      return column > 0 ? current - 1 : current;
    case 'ArrowRight':
      return column < wallColumns - 1 ? current + 1 : current;
    case 'ArrowUp':
      return current >= wallColumns ? current - wallColumns : current;
    case 'ArrowDown':
      return current < wallTiles - wallColumns ? current + wallColumns : current;
    case 'Home':
      return 0;
    case 'End':
      return wallTiles - 1;
    default:
      return undefined;
  }
}
