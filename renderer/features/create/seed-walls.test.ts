import { describe, expect, it } from 'vitest';
import { ImageRequest, ImageSettings } from '../../../contract/image-request.ts';
import { earlierWalls, nextTile, shownWall, wallRequest, type SeedWall } from './seed-walls.ts';

const settings = ImageSettings.parse({
  modelId: 'starter',
  prompt: 'a red apple',
  width: 256,
  height: 256,
  steps: 20,
  guidanceScale: 5,
  scheduler: 'euler',
  sigmaSchedule: 'normal',
  seed: 3,
});
const wall = (originId: string): SeedWall => ({
  originId,
  jobId: `job of ${originId}`,
  strength: 0.2,
});

describe('walls of variations', () => {
  it('keep the seed of the first picture and go on from each pick', () => {
    const first = wallRequest(settings, 0.2, 100);
    expect(first).toMatchObject({ seed: 3, count: 9, variation: [{ seed: 100, strength: 0.2 }] });
    const picked = { ...settings, variation: [{ seed: 104, strength: 0.2 }] };
    expect(wallRequest(picked, 0.1, 7).variation).toEqual([
      { seed: 104, strength: 0.2 },
      { seed: 7, strength: 0.1 },
    ]);
    expect(ImageRequest.parse(first)).toEqual(first);
  });

  it('lead back to earlier ones, up to the first', () => {
    const walls = [wall('a'), wall('b'), wall('c')] as const;
    expect(shownWall(walls).originId).toBe('c');
    const back = earlierWalls(walls);
    expect(back && shownWall(back).originId).toBe('b');
    expect(earlierWalls([wall('a')])).toBe(null);
  });

  it.each([
    [4, 'ArrowLeft', 3],
    [3, 'ArrowLeft', 3],
    [4, 'ArrowRight', 5],
    [4, 'ArrowUp', 1],
    [1, 'ArrowUp', 1],
    [4, 'ArrowDown', 7],
    [7, 'ArrowDown', 7],
    [4, 'Home', 0],
    [4, 'End', 8],
    [4, 'x', undefined],
  ] as const)('are gone through by key: from %i, %s leads to %s', (from, key, to) => {
    expect(nextTile(from, key)).toBe(to);
  });
});
