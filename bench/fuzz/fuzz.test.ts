import { describe, expect, it } from 'vitest';
import { loadCorpus } from './metadata-target.ts';
import { mutatePicture } from './mutate-picture.ts';
import { putTogether, takeApart } from './pieces.ts';
import { createRandom } from './random.ts';
import { fuzzMetadata } from './run.ts';

describe('fuzzing the readers of metadata', () => {
  it('finds none that throws, hangs or takes much memory', async () => {
    // How long a call takes is for `npm run fuzz`, on a machine with nothing else to do.
    const report = await fuzzMetadata({ inputs: 5000, seed: 20_260, limitMs: 10_000 });
    expect(report.failures).toEqual([]);
    expect(report.inputs).toBe(5000);
    expect(report.grownBytes).toBeLessThan(96 * 2 ** 20);
  });

  it('gives the same inputs for the same seed, and others for another', async () => {
    const corpus = await loadCorpus();
    const first = (seed: number) => mutatePicture(createRandom(seed, 7), corpus);
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it('puts files together as they were', async () => {
    for (const file of (await loadCorpus()).files)
      expect(putTogether(takeApart(file)).equals(file)).toBe(true);
  });
});
