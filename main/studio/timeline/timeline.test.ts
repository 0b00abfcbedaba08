import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTimeline, type KeptStep } from './timeline.ts';

function steps(count: number, bytesEach: number): KeptStep[] {
  return Array.from({ length: count }, (_, index) => ({
    step: index + 1,
    preview: { width: 1, height: 1, rgb: new Uint8Array(3) },
    latents: {
      width: 1,
      height: 1,
      channels: 1,
      values: new Uint8Array(bytesEach - 3).fill(index),
    },
  }));
}

describe('the timeline', () => {
  it('gives back previews and latents of a picture', () => {
    const timeline = createTimeline();
    const id = randomUUID();
    timeline.put(id, steps(4, 100));
    expect(timeline.previews(id).steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(timeline.previews(id).branchable).toBe(4);
    expect(timeline.latents({ imageId: id, step: 3 }).values[0]).toBe(2);
  });

  it('says so when steps were never kept', () => {
    const timeline = createTimeline();
    expect(timeline.previews(randomUUID())).toEqual({ steps: [], branchable: 0 });
    expect(() => timeline.latents({ imageId: randomUUID(), step: 1 })).toThrow(/not kept any more/);
  });

  it('forgets the picture whose steps were not used for the longest time', () => {
    const timeline = createTimeline(1000);
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    timeline.put(a, steps(4, 100));
    timeline.put(b, steps(4, 100));
    timeline.previews(a);
    timeline.put(c, steps(4, 100));
    expect(timeline.previews(b).steps).toEqual([]);
    expect(timeline.previews(a).steps).toHaveLength(4);
    expect(timeline.previews(c).steps).toHaveLength(4);
  });
});
