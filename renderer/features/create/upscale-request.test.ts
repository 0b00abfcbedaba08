import { expect, it } from 'vitest';
import type { ImageModel } from '../../../contract/models.ts';
import { upscaleRequest } from './upscale-request.ts';

const model = {
  id: 'starter',
  defaults: {
    width: 256,
    height: 256,
    steps: 20,
    guidanceScale: 5,
    scheduler: 'dpmpp-2m',
    sigmaSchedule: 'karras',
  },
} as const satisfies Pick<ImageModel, 'id' | 'defaults'>;

it('a picture is enlarged as it is, also one without a recipe or of an odd size', () => {
  const picture = 'a'.repeat(64);
  const upscale = { upscaler: 'lanczos', scale: 2 };
  expect(upscaleRequest(null, model, picture, upscale)).toMatchObject({
    modelId: 'starter',
    prompt: '',
    count: 1,
    source: { picture, strength: 0, mask: null, extend: null },
    upscale,
    hiresFix: null,
    branch: null,
  });
});
