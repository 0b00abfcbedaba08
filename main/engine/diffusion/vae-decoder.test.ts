import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionLease } from '../session.ts';
import { goldenFolder, neverAborted, openTestPool, type TestPool } from './drawing.fixture.ts';
import { tileStarts } from './tiles.ts';
import { decodeLatents } from './vae-decoder.ts';

const side = 32;
const options = {
  latentChannels: 4,
  scalingFactor: 0.18215,
  shiftFactor: 0,
  spatialFactor: 8,
  signal: neverAborted,
};
const latents = Float32Array.from(
  { length: 4 * side * side },
  (_, i) => Math.sin(i / 40) + Math.cos((i % side) / 5),
);

let testPool: TestPool;
let lease: SessionLease;
beforeAll(async () => {
  testPool = await openTestPool();
  const graph = path.join(goldenFolder, 'tiny-stable-diffusion/vae_decoder/model.onnx');
  lease = await testPool.pool.borrow('tiny', graph);
});
afterAll(async () => {
  await lease[Symbol.asyncDispose]();
  await testPool[Symbol.asyncDispose]();
});

describe('the tiled decoder', () => {
  it('covers the whole length with overlapping tiles', () => {
    expect(tileStarts(8, 8)).toEqual([0]);
    const starts = tileStarts(100, 32);
    expect(starts.at(0)).toBe(0);
    expect(starts.at(-1)).toBe(68);
    for (const [index, start] of starts.slice(1).entries())
      expect(start - (starts[index] ?? 0)).toBeLessThanOrEqual(24);
  });

  it('differs little from decoding in one piece', async () => {
    const decode = (change: object) =>
      decodeLatents(lease.session, latents, side, side, { ...options, ...change });
    const whole = await decode({});
    const tiled = await decode({ wholePixels: 0, tilePixels: 128 });
    // Group normalisation and attention see the tile, not the picture, so the two are not equal.
    const mean =
      whole.reduce((sum, value, i) => sum + Math.abs(value - (tiled[i] ?? 0)), 0) / whole.length;
    expect(mean).toBeLessThan(12);
  });

  it('shows no seams: neighbours at the edge of a tile differ no more than elsewhere', async () => {
    const tiled = await decodeLatents(lease.session, latents, side, side, {
      ...options,
      wholePixels: 0,
      tilePixels: 128,
    });
    const width = side * options.spatialFactor;
    const steps = Array.from({ length: width - 1 }, (_, x) => {
      let sum = 0;
      for (let y = 0; y < width; y += 1)
        for (let c = 0; c < 3; c += 1) {
          const index = (y * width + x) * 3 + c;
          sum += Math.abs((tiled[index] ?? 0) - (tiled[index + 3] ?? 0));
        }
      return sum / (width * 3);
    });
    const edges = tileStarts(side, 16).flatMap((start) => [start * 8 - 1, (start + 16) * 8 - 1]);
    const atEdges = edges.flatMap((x) => steps[x] ?? []);
    expect(Math.max(...atEdges)).toBeLessThanOrEqual(Math.max(...steps));
    expect(Math.max(...atEdges)).toBeLessThan(
      3 * (steps.reduce((sum, step) => sum + step, 0) / steps.length),
    );
  });

  it('stops between tiles when cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(
      decodeLatents(lease.session, latents, side, side, { ...options, signal, wholePixels: 0 }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});
