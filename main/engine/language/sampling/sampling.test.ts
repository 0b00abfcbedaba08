/** Against transformers and plain formulas: golden data by models/recipes/golden/samplers.py, probabilities within 1e-5. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { samplerOrders, samplerStages, SamplingSettings } from '../../../../contract/write.ts';
import { rawDistribution } from '../logits/raw-distribution.ts';
import { softmax } from '../logits/softmax.ts';
import { allCandidates, type Candidates } from './candidates.ts';
import { draw } from './draw.ts';
import { applyLogitBias } from './logit-bias.ts';
import { firstMu, mirostat } from './mirostat.ts';
import { createSampler } from './sampler.ts';
import { xtc } from './xtc.ts';
import { createUniform } from './xoshiro.ts';

const numbers = z.array(z.number());
const golden = z
  .object({
    history: numbers,
    breakers: numbers,
    logits: z.record(z.string(), numbers),
    cases: z.array(
      z.object({
        logits: z.string(),
        settings: z.record(z.string(), z.unknown()),
        kept: z.union([numbers, z.literal('all')]),
        probabilities: numbers,
      }),
    ),
    mirostat: z.array(
      z.object({
        tau: z.number(),
        eta: z.number(),
        run: z.array(
          z.object({
            logits: z.string(),
            mu: z.number(),
            uniform: z.number(),
            tokenId: z.number(),
            muAfter: z.number(),
          }),
        ),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('samplers.golden.json', import.meta.url), 'utf8')));

const bytesOf = (tokenId: number) =>
  new TextEncoder().encode(golden.breakers.includes(tokenId) ? '|' : 'a');
const samplerOf = (settings: z.input<typeof SamplingSettings>, seed = 1) =>
  createSampler(SamplingSettings.parse(settings), { seed, bytesOf });
const goldenLogits = (name: string) => Float32Array.from(golden.logits[name] ?? []);
const probabilitiesOf = ({ tokenIds, logits }: Candidates) =>
  new Map(Array.from(softmax(logits), (p, index) => [tokenIds[index] ?? -1, p]));

/** Logits whose softmax is 0.4, 0.3, 0.2, 0.1 in another order. */
const probabilities = [0.2, 0.4, 0.1, 0.3];
const logits = Float32Array.from(probabilities, Math.log);

describe('the samplers', () => {
  it.each(golden.cases)('$settings of $logits are as in the reference', (wanted) => {
    const all = allCandidates(goldenLogits(wanted.logits));
    const left = samplerOf(wanted.settings).shape(all, golden.history);
    expect([...left.tokenIds]).toEqual(wanted.kept === 'all' ? [...all.tokenIds] : wanted.kept);
    const own = softmax(left.logits);
    for (const [index, p] of wanted.probabilities.entries()) expect(own[index]).toBeCloseTo(p, 5);
  });

  it.each(golden.mirostat)(
    'Mirostat at $tau bits, rate $eta, draws as in the reference',
    (wanted) => {
      const { tau, eta, run } = wanted;
      let mu = firstMu({ tau });
      for (const step of run) {
        expect(mu).toBeCloseTo(step.mu, 4);
        const all = allCandidates(goldenLogits(step.logits));
        const drawn = mirostat(all, mu, { tau, eta }, step.uniform);
        expect(drawn.tokenId).toBe(step.tokenId);
        mu = drawn.mu;
        expect(mu).toBeCloseTo(step.muAfter, 4);
      }
    },
  );

  it('Mirostat keeps to the surprise that it is told', () => {
    const nextUniform = createUniform(2);
    // 1,000 tokens of falling probability, as words have: about 7 bits if nothing were left out.
    const words = allCandidates(
      Float32Array.from({ length: 1000 }, (_, rank) => -Math.log(rank + 1)),
    );
    const surprise = rawDistribution(words.logits);
    const least = surprise.surprisalBitsOf(0);
    for (const tau of [2, 4]) {
      let mu = firstMu({ tau });
      let bits = 0;
      for (let index = 0; index < 4000; index += 1) {
        const before = mu;
        const drawn = mirostat(words, mu, { tau, eta: 0.1 }, nextUniform());
        mu = drawn.mu;
        // What μ moved by is the rate times how far the surprise was off.
        bits += tau - (mu - before) / 0.1;
        expect(surprise.surprisalBitsOf(drawn.tokenId)).toBeLessThanOrEqual(
          Math.max(before, least),
        );
      }
      expect(Math.abs(bits / 4000 - tau)).toBeLessThan(0.05);
    }
  });

  it('change nothing where every setting is left out', () => {
    const all = allCandidates(goldenLogits('usual'));
    expect(samplerOf({}).shape(all, golden.history)).toBe(all);
  });

  it('go through the stages in the order that is asked for, and through no others', () => {
    // Of 0.4, 0.3, 0.2 and 0.1, top-p 0.6 keeps two; flattened first, it keeps three.
    const shaped = (order: readonly (typeof samplerStages)[number][]) =>
      samplerOf({ order: [...order], topP: 0.6, temperature: 5 }).shape(allCandidates(logits), []);
    expect([...shaped(['top-p', 'temperature']).tokenIds]).toEqual([1, 3]);
    expect([...shaped(['temperature', 'top-p']).tokenIds]).toEqual([0, 1, 3]);
    expect([...shaped(['temperature']).tokenIds]).toEqual([0, 1, 2, 3]);
    expect([...shaped(samplerOrders['llama.cpp']).tokenIds]).toEqual([1, 3]);
    expect([...shaped(samplerOrders['hugging-face']).tokenIds]).toEqual([0, 1, 3]);
  });

  it('name every stage in every order', () => {
    for (const order of Object.values(samplerOrders))
      expect([...order].toSorted()).toEqual([...samplerStages].toSorted());
  });

  it('take the likeliest token at temperature 0 whatever would cut, and count penalties', () => {
    const cut = { typicalP: 0.1, xtcProbability: 1, mirostatTau: 3, dynamicTemperatureHigh: 2 };
    expect(samplerOf({ ...cut, temperature: 0 }).sample(allCandidates(logits), [])).toBe(1);
    const penalised = samplerOf({ ...cut, temperature: 0, presencePenalty: 5 });
    expect(penalised.sample(allCandidates(logits), [1])).toBe(3);
  });

  it('draw each token as often as its probability says', () => {
    const sampler = samplerOf({ temperature: 0.7 }, 11);
    const expected = probabilitiesOf(
      samplerOf({ temperature: 0.7 }).shape(allCandidates(logits), []),
    );
    const counts = new Map<number, number>();
    const draws = 20_000;
    for (let index = 0; index < draws; index += 1) {
      const token = sampler.sample(allCandidates(logits), []);
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    let chiSquare = 0;
    for (const [token, p] of expected)
      chiSquare += ((counts.get(token) ?? 0) - draws * p) ** 2 / (draws * p);
    // 99.9 % of fair draws stay below this at 3 degrees of freedom.
    expect(chiSquare).toBeLessThan(16.27);
  });

  it('leave out the top choices as often as asked', () => {
    const nextUniform = createUniform(3);
    let excluded = 0;
    for (let index = 0; index < 10_000; index += 1) {
      const left = xtc(allCandidates(logits), { probability: 0.3, threshold: 0.25 }, nextUniform);
      if (left.tokenIds.length === 3) excluded += 1;
    }
    // Five standard deviations.
    expect(Math.abs(excluded / 10_000 - 0.3)).toBeLessThan(0.023);
  });

  it('never draw an impossible token', () => {
    const candidates = allCandidates(Float32Array.of(-Infinity, 0, -Infinity));
    for (const uniform of [0, 0.5, 1 - 2 ** -53]) expect(draw(candidates, uniform)).toBe(1);
  });

  it('refuse logits that mean nothing', () => {
    for (const bad of [NaN, Infinity]) {
      expect(() => allCandidates(Float32Array.of(0, bad))).toThrow(RangeError);
    }
    expect(() => allCandidates(Float32Array.of(-Infinity, -Infinity))).toThrow(RangeError);
  });

  it('bring Mirostat back to where it was when tokens are taken back', () => {
    const settings = { mirostatTau: 1, mirostatEta: 0.8 };
    const all = () => allCandidates(goldenLogits('flat'));
    const [straight, detour] = [samplerOf(settings, 9), samplerOf(settings, 9)];
    const step = (sampler: typeof straight) => {
      const tokenId = sampler.sample(all(), []);
      sampler.accept(tokenId);
      return tokenId;
    };
    for (let index = 0; index < 10; index += 1) expect(step(straight)).toBe(step(detour));
    // The detour draws alike, so both streams of random numbers stay together.
    for (const _ of [1, 2]) {
      step(straight);
      detour.sample(all(), []);
    }
    straight.rewind(2);
    const after = Array.from({ length: 20 }, () => step(straight));
    expect(Array.from({ length: 20 }, () => step(detour))).toEqual(after);
  });

  it('ban a token by its bias, and say so when nothing is left', () => {
    const all = allCandidates(logits);
    const biased = applyLogitBias(
      all,
      new Map([
        [1, -Infinity],
        [2, 1],
      ]),
    );
    expect(biased && [...biased.tokenIds]).toEqual([0, 2, 3]);
    expect(biased?.logits[1]).toBeCloseTo((logits[2] ?? 0) + 1, 6);
    expect(applyLogitBias(all, new Map([0, 1, 2, 3].map((id) => [id, -Infinity])))).toBeNull();
  });
});

describe('every stage', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const settings = fc
    .record({
      temperature: fc.double({ min: 0.01, max: 5, noNaN: true }),
      dynamicTemperatureLow: fc.double({ min: 0, max: 5, noNaN: true }),
      dynamicTemperatureHigh: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5, noNaN: true })),
      topK: fc.nat(70),
      topP: share,
      minP: share,
      typicalP: share,
      topNSigma: fc.double({ min: 0, max: 5, noNaN: true }),
      xtcProbability: share,
      xtcThreshold: share,
      dryMultiplier: fc.double({ min: 0, max: 100, noNaN: true }),
      dryBase: fc.double({ min: 1, max: 10, noNaN: true }),
      dryAllowedLength: fc.integer({ min: 1, max: 4 }),
      repetitionPenalty: fc.double({ min: 0.1, max: 10, noNaN: true }),
      frequencyPenalty: fc.double({ min: -10, max: 10, noNaN: true }),
      noRepeatNgram: fc.nat(4),
      order: fc.shuffledSubarray([...samplerStages]),
    })
    .map((record) => SamplingSettings.parse(record));
  const manyLogits = fc.float32Array({
    min: -1e4,
    max: 1e4,
    noNaN: true,
    minLength: 1,
    maxLength: 60,
  });
  const history = fc.array(fc.nat(8), { maxLength: 60 });

  it('leaves at least one token, adds none, and leaves a distribution', () => {
    fc.assert(
      fc.property(settings, manyLogits, history, (chosen, values, tokens) => {
        const before = allCandidates(values);
        for (const order of [chosen.order, ...chosen.order.map((stage) => [stage])]) {
          const sampler = samplerOf({ ...chosen, order });
          const left = sampler.shape(before, tokens);
          expect(left.tokenIds.length).toBeGreaterThan(0);
          expect(left.tokenIds.length).toBe(left.logits.length);
          expect([...left.tokenIds].every((id) => id >= 0 && id < values.length)).toBe(true);
          expect([...left.tokenIds]).toEqual([...left.tokenIds].toSorted((a, b) => a - b));
          expect(left.logits.every(Number.isFinite)).toBe(true);
          expect(softmax(left.logits).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          const drawn = sampler.sample(before, tokens);
          expect(before.tokenIds).toContain(drawn);
        }
        // What they were given is as it was.
        expect(before.logits).toEqual(values);
      }),
    );
  });

  it('top-p keeps the smallest set that reaches p', () => {
    const bounded = fc.float32Array({
      min: -20,
      max: 20,
      noNaN: true,
      minLength: 2,
      maxLength: 60,
    });
    fc.assert(
      fc.property(bounded, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, p) => {
        const all = softmax(values);
        const left = samplerOf({ topP: p }).shape(allCandidates(values), []);
        const inside = new Set(left.tokenIds);
        const mass = [...inside].reduce((sum, id) => sum + (all[id] ?? 0), 0);
        const smallest = Math.min(...[...inside].map((id) => all[id] ?? 0));
        if (inside.size < values.length) expect(mass).toBeGreaterThan(p - 1e-4);
        expect(mass - smallest).toBeLessThan(p + 1e-4);
        for (const [id, probability] of all.entries())
          if (!inside.has(id)) expect(probability).toBeLessThanOrEqual(smallest + 1e-7);
      }),
    );
  });

  it('gives the same stream for the same seed, in [0, 1), and another for another', () => {
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
});
