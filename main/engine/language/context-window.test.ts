import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPrompt } from './context-window.ts';

describe('a prompt in a context window', () => {
  it('is whole where it fits', () => {
    expect(fitPrompt([0, 5, 6], { contextLength: 8, startId: 0 }, 2)).toEqual({
      promptIds: [0, 5, 6],
      droppedTokens: 0,
      keptRanges: [{ start: 0, end: 3 }],
      cutRanges: [],
    });
  });

  it('keeps what is pinned and its end, and says what it lost', () => {
    const ids = Array.from({ length: 100 }, (_none, index) => index + 1);
    const { promptIds, keptRanges, cutRanges } = fitPrompt(
      ids,
      { contextLength: 40, startId: null },
      8,
      6,
    );
    expect(promptIds.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(promptIds.at(-1)).toBe(100);
    expect(keptRanges[0]).toEqual({ start: 0, end: 6 });
    expect(cutRanges).toEqual([{ start: 6, end: keptRanges[1]?.start }]);
  });

  it('keeps its beginning while it grows, so that what was seen of it serves again', () => {
    const cuts = new Set<number>();
    for (let length = 400; length < 420; length += 1) {
      const ids = Array.from({ length }, (_none, index) => index);
      cuts.add(fitPrompt(ids, { contextLength: 256, startId: 0 }, 64).cutRanges[0]?.end ?? 0);
    }
    expect(cuts.size).toBeLessThanOrEqual(2);
  });

  it('always leaves room, and its parts are the whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 300 }),
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 400 }),
        fc.nat(),
        (contextLength, length, maxTokens, pin) => {
          const ids = Array.from({ length }, (_none, index) => index);
          const pinned = pin % Math.max(1, Math.floor(contextLength / 3));
          const { promptIds, droppedTokens, keptRanges, cutRanges } = fitPrompt(
            ids,
            { contextLength, startId: 0 },
            maxTokens,
            pinned,
          );
          expect(promptIds.length).toBeGreaterThan(0);
          expect(promptIds.length).toBeLessThan(Math.max(contextLength, 2));
          expect(promptIds.length + droppedTokens).toBe(length);
          expect(keptRanges.flatMap(({ start, end }) => ids.slice(start, end))).toEqual(promptIds);
          const all = [...keptRanges, ...cutRanges].toSorted((a, b) => a.start - b.start);
          expect(all.at(-1)?.end).toBe(length);
        },
      ),
    );
  });
});
