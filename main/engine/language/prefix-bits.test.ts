/** Where a text that was read before has the bits of reading it anew, and where it has not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDecoder, defaultPrefillChunk, type Decoder } from './decoder.ts';
import { openTinyModels, type TinyModels } from './tiny-models.fixture.ts';
import { borrowTextSessions } from './text-sessions.ts';

let tiny: TinyModels;
beforeAll(async () => {
  tiny = await openTinyModels();
});
afterAll(() => tiny[Symbol.asyncDispose]());

const families = ['smollm', 'qwen2', 'qwen3', 'gemma3', 'phi', 'phi3'] as const;
type Family = (typeof families)[number];
const text = Array.from({ length: 3 * defaultPrefillChunk - 7 }, (_none, index) => 3 + index);

/** The logits after `text`, of which `before` has read a part. */
async function logitsAfter(
  family: Family,
  before: (decoder: Decoder) => Promise<unknown>,
): Promise<Float32Array> {
  const model = await tiny.load(family);
  await using sessions = await borrowTextSessions(tiny.pool, model, null);
  using decoder = createDecoder(sessions, model);
  await before(decoder);
  return await decoder.prefill(text.slice(decoder.length));
}

const anew = (): Promise<void> => Promise.resolve();

function furthest(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? NaN))));
}

describe.each(families)('what %s has read', (family) => {
  it('has the same bits where whole pieces of it are kept, whatever came after them', async () => {
    const kept = await logitsAfter(family, async (decoder) => {
      await decoder.prefill([...text.slice(0, 150), 9, 9, 9]);
      for (const id of [4, 5, 6]) await decoder.forward([id]);
      await decoder.crop(decoder.reusable(150, true));
      expect(decoder.length).toBe(2 * defaultPrefillChunk);
    });
    expect(kept).toEqual(await logitsAfter(family, anew));
  });

  it('is as near as rounding where it was read in other pieces, and not said to be the same', async () => {
    const other = await logitsAfter(family, async (decoder) => {
      for (const id of text.slice(0, 100)) await decoder.forward([id]);
      expect(decoder.reusable(100, true)).toBe(0);
    });
    expect(furthest(other, await logitsAfter(family, anew))).toBeLessThan(1e-4);
  });
});

it('other pieces do change bits, which is why they are not used unasked', async () => {
  const changed = await Promise.all(
    families.map(async (family) => {
      const whole = await logitsAfter(family, anew);
      const other = await logitsAfter(family, async (decoder) => {
        for (const id of text.slice(0, 100)) await decoder.forward([id]);
      });
      return furthest(whole, other) > 0;
    }),
  );
  expect(changed).toContain(true);
});
