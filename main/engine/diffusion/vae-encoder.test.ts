import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { goldenFolder, neverAborted, openTestPool, type TestPool } from './drawing.fixture.ts';
import { encodePixels } from './vae-encoder.ts';

let test: TestPool;
beforeAll(async () => void (test = await openTestPool()));
afterAll(() => test[Symbol.asyncDispose]());

const side = 256;
const options = {
  latentChannels: 4,
  scalingFactor: 1,
  shiftFactor: 0,
  spatialFactor: 8,
  signal: neverAborted,
  drawNoise: (count: number) => new Float32Array(count),
};
const planar = Float32Array.from({ length: 3 * side * side }, (_, index) =>
  Math.sin((index % side) / 20 + Math.floor(index / side) / 33),
);

it('encodes in tiles nearly what it encodes in one piece', async () => {
  const graph = path.join(goldenFolder, 'tiny-stable-diffusion/vae_encoder/model.onnx');
  await using lease = await test.pool.borrow('tiny', graph);
  const encode = (change: object) =>
    encodePixels(lease.session, planar, side, side, { ...options, ...change });
  const whole = await encode({});
  const tiled = await encode({ wholePixels: 0, tilePixels: 128 });
  expect(tiled).toHaveLength(4 * 32 * 32);
  let [difference, norm] = [0, 0];
  for (const [index, value] of whole.entries()) {
    difference += (value - (tiled[index] ?? 0)) ** 2;
    norm += value ** 2;
  }
  // Group normalisation and attention see the tile, not the picture, so the two are not equal.
  expect(Math.sqrt(difference / norm)).toBeLessThan(0.35);
  expect(Math.sqrt(difference / norm)).toBeGreaterThan(0);
});
