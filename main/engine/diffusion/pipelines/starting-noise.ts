/** The noise that a picture grows from. */
import type { ImageSettings } from '../../../../contract/image-request.ts';
import { createPhiloxGenerator } from '../../tensor/philox-generator.ts';
import { createTorchGenerator, type TorchGenerator } from '../../tensor/torch-generator.ts';
import { interpolateNoise } from './variation.ts';

/** What a picture draws its noise from, in order: first all of it at once, then what steps need. */
export function createNoiseGenerator(source: ImageSettings['noise'], seed: number): TorchGenerator {
  return source === 'nv' ? createPhiloxGenerator(seed) : createTorchGenerator(seed);
}

/**
 * Standard normals of the picture's own generator, turned towards those of each variation's seed in turn.
 * @returns new f32 [channels, height, width]; steps go on drawing from `generator`
 */
export function startingNoise(
  generator: TorchGenerator,
  channels: number,
  { width, height }: { readonly width: number; readonly height: number },
  { variation, noise }: Pick<ImageSettings, 'variation' | 'noise'>,
): Float32Array {
  const count = channels * width * height;
  return variation
    .filter(({ strength }) => strength > 0)
    .reduce((turned, { seed, strength }) => {
      const other = createNoiseGenerator(noise, seed).normals(count);
      return interpolateNoise(turned, other, width, height, strength);
    }, generator.normals(count));
}
