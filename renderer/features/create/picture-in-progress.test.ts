import { expect, it } from 'vitest';
import { ImageRequest } from '../../../contract/image-request.ts';
import { pictureInProgress } from './picture-in-progress.ts';

const request = {
  ...ImageRequest.parse({
    modelId: 'tiny',
    prompt: '',
    width: 64,
    height: 64,
    steps: 4,
    guidanceScale: 5,
    scheduler: 'euler',
    sigmaSchedule: 'normal',
  }),
  seed: 1,
};

it('is said only of several, and of a grid with what makes it differ', () => {
  expect(pictureInProgress(request, 0).title).toBe(null);
  expect(pictureInProgress({ ...request, count: 3 }, 1).title).toBe('Picture 2 of 3');
  const axes = [
    { field: 'steps' as const, target: null, values: '4, 8' },
    { field: 'size' as const, target: null, values: '64x64, 96x64' },
  ];
  expect(pictureInProgress({ ...request, count: 4, grid: { axes } }, 3)).toEqual({
    title: 'Picture 4 of 4 · Steps: 8 · Size: 96 × 64',
    width: 96,
    height: 64,
  });
});
