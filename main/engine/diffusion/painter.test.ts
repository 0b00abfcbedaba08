import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrawEvent } from '../../../contract/engine.ts';
import {
  collect,
  goldenFolder,
  neverAborted,
  openTestPool,
  settingsWith,
  type ImageEvent,
  type TestPool,
} from './drawing.fixture.ts';
import { createPainter, type Painter } from './painter.ts';

const location = { id: 'tiny', folder: path.join(goldenFolder, 'tiny-stable-diffusion') };
let testPool: TestPool;
beforeAll(async () => void (testPool = await openTestPool()));
afterAll(() => testPool[Symbol.asyncDispose]());

function draw(painter: Painter, previews: boolean) {
  return collect(
    painter.draw(testPool.pool, location, settingsWith(), { previews, signal: neverAborted }),
  );
}

/** Root mean square distance of the last preview from the picture, block by block. */
function previewError(events: readonly DrawEvent[], { rgb, width }: ImageEvent): number {
  const step = events.findLast(({ kind }) => kind === 'step');
  const preview = step?.kind === 'step' ? step.preview : null;
  if (!preview) throw new Error('There is no preview.');
  const factor = width / preview.width;
  let sum = 0;
  for (const [index, shown] of preview.rgb.entries()) {
    const block = Math.floor(index / 3);
    const left = (block % preview.width) * factor;
    const top = Math.floor(block / preview.width) * factor;
    let mean = 0;
    for (let y = 0; y < factor; y += 1)
      for (let x = 0; x < factor; x += 1)
        mean += (rgb[((top + y) * width + left + x) * 3 + (index % 3)] ?? 0) / factor ** 2;
    sum += (shown - mean) ** 2;
  }
  return Math.sqrt(sum / preview.rgb.length);
}

describe('the painter', () => {
  it('shows every step, and after a first picture closer to what comes out', async () => {
    const painter = createPainter();
    const first = await draw(painter, true);
    const second = await draw(painter, true);
    expect(first.events.filter(({ kind }) => kind === 'step')).toHaveLength(4);
    expect(first.events.find(({ kind }) => kind === 'step')).toMatchObject({
      preview: { width: 8, height: 8 },
    });
    expect(second.image.rgb).toEqual(first.image.rgb);
    expect(previewError(second.events, second.image)).toBeLessThan(
      0.75 * previewError(first.events, first.image),
    );
  });

  it('holds one part at a time where the memory allows no more', async () => {
    await using small = await openTestPool(1);
    const open = new Set<number>();
    const drawing = createPainter().draw(small.pool, location, settingsWith(), {
      previews: false,
      signal: neverAborted,
    });
    for await (const _ of drawing) open.add(small.pool.openGraphs.length);
    expect(Math.max(...open)).toBe(1);
    expect(small.pool.openedSessions).toBe(3);
  });

  it('shows nothing where previews are off', async () => {
    const { events } = await draw(createPainter(), false);
    expect(events.find(({ kind }) => kind === 'step')).toMatchObject({ preview: null });
  });

  it('counts the tokens of a prompt and the chunks that they fill', async () => {
    const painter = createPainter();
    await expect(painter.count(location, '')).resolves.toEqual({
      tokens: 0,
      chunks: 1,
      chunkSize: 75,
    });
    await expect(painter.count(location, 'apple '.repeat(76))).resolves.toMatchObject({
      tokens: 76,
      chunks: 2,
    });
  });
});
