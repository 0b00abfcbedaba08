import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SamplingSettings } from '../../../../contract/write.ts';
import { softmax } from '../logits/softmax.ts';
import { allCandidates } from './candidates.ts';
import { draw } from './draw.ts';
import { minP } from './min-p.ts';
import { applyRepetitionPenalty } from './repetition-penalty.ts';
import { sampleToken } from './sample.ts';
import { applyTemperature } from './temperature.ts';
import { topK } from './top-k.ts';
import { topP } from './top-p.ts';
import { createUniform } from './xoshiro.ts';

/** Logits whose softmax is 0.4, 0.3, 0.2, 0.1 in another order. */
const probabilities = [0.2, 0.4, 0.1, 0.3];
const logits = Float32Array.from(probabilities, Math.log);
const off: SamplingSettings = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  penaltyWindow: 64,
};
const manyLogits = fc.float32Array({ min: -20, max: 20, noNaN: true, minLength: 2, maxLength: 60 });

function kept({ tokenIds }: { readonly tokenIds: Int32Array }): number[] {
  return [...tokenIds].toSorted((a, b) => a - b);
}

describe('the samplers', () => {
  it('keep what a hand would keep', () => {
    expect(kept(topK(allCandidates(logits), 2))).toEqual([1, 3]);
    expect(kept(topP(allCandidates(logits), 0.65))).toEqual([1, 3]);
    expect(kept(topP(allCandidates(logits), 0.71))).toEqual([0, 1, 3]);
    expect(kept(minP(allCandidates(logits), 0.6))).toEqual([1, 3]);
    expect(kept(minP(allCandidates(logits), 0.45))).toEqual([0, 1, 3]);
  });

  it('sharpen and flatten by temperature', () => {
    const sharp = softmax(applyTemperature(allCandidates(logits), 0.5).logits);
    // Squares of the probabilities, made to sum to 1 again.
    for (const [index, p] of probabilities.entries())
      expect(sharp[index]).toBeCloseTo(p ** 2 / 0.3, 5);
  });

  it('penalise each recent token once, away from 0 or towards it by its sign', () => {
    const penalised = applyRepetitionPenalty(Float32Array.of(2, -2, 1), [0, 1, 0, 1], 2);
    expect([...penalised]).toEqual([1, -4, 1]);
  });

  it('leave the largest logit in at temperature 0, without drawing', () => {
    const never = () => {
      throw new Error('Greedy choice draws nothing.');
    };
    expect(sampleToken(logits, [], { ...off, temperature: 0 }, never)).toBe(1);
  });

  it('draw each token as often as its probability says', () => {
    const nextUniform = createUniform(11);
    const counts = [0, 0, 0, 0];
    const draws = 20_000;
    for (let index = 0; index < draws; index += 1) {
      const token = sampleToken(logits, [], off, nextUniform);
      counts[token] = (counts[token] ?? 0) + 1;
    }
    // Four standard deviations of a share of 20,000 draws are below 0.014.
    for (const [token, p] of probabilities.entries()) {
      expect(Math.abs((counts[token] ?? 0) / draws - p)).toBeLessThan(0.014);
    }
  });

  it('give the same stream for the same seed, in [0, 1), and another for another', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const [first, again, other] = [
          createUniform(seed),
          createUniform(seed),
          createUniform(seed + 1),
        ];
        const stream = Array.from({ length: 20 }, first);
        expect(Array.from({ length: 20 }, again)).toEqual(stream);
        expect(Array.from({ length: 20 }, other)).not.toEqual(stream);
        expect(stream.every((value) => value >= 0 && value < 1)).toBe(true);
      }),
    );
  });

  it('top-p keeps the smallest set that reaches p, and at least one', () => {
    fc.assert(
      fc.property(manyLogits, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, p) => {
        const all = softmax(values);
        const inside = new Set(topP(allCandidates(values), p).tokenIds);
        expect(inside.size).toBeGreaterThan(0);
        const mass = [...inside].reduce((sum, id) => sum + (all[id] ?? 0), 0);
        const smallest = Math.min(...[...inside].map((id) => all[id] ?? 0));
        if (inside.size < values.length) expect(mass).toBeGreaterThan(p - 1e-4);
        expect(mass - smallest).toBeLessThan(p + 1e-4);
        for (const [id, probability] of all.entries())
          if (!inside.has(id)) expect(probability).toBeLessThanOrEqual(smallest + 1e-7);
      }),
    );
  });

  it('min-p keeps exactly the tokens above the threshold', () => {
    fc.assert(
      fc.property(manyLogits, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, minimum) => {
        const all = softmax(values);
        const threshold = minimum * Math.max(...all);
        const inside = new Set(minP(allCandidates(values), minimum).tokenIds);
        for (const [id, probability] of all.entries()) {
          if (Math.abs(probability - threshold) < 1e-5) continue;
          expect(inside.has(id)).toBe(probability > threshold);
        }
      }),
    );
  });

  it('never draw an impossible token', () => {
    const candidates = allCandidates(Float32Array.of(-Infinity, 0, -Infinity));
    for (const uniform of [0, 0.5, 1 - 2 ** -53]) expect(draw(candidates, uniform)).toBe(1);
  });
});
