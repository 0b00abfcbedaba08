import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SchedulerName, SigmaSchedule } from '../../../../contract/image-request.ts';
import { createTorchGenerator } from '../../tensor/torch-generator.ts';
import { SchedulerConfig } from './config.ts';
import { planSampling } from './index.ts';
import { defaultSamplingOptions, type SamplingOptions } from './options.ts';
import { rescaleGuidance } from './rescale-guidance.ts';
import { addNoise, at, firstEvaluation, startState } from './scheduler.ts';

const golden = z
  .object({
    seed: z.number(),
    shape: z.array(z.number()),
    imageTokens: z.number(),
    configs: z.record(z.string(), SchedulerConfig),
    cases: z.array(
      z.object({
        config: z.string(),
        scheduler: SchedulerName,
        schedule: SigmaSchedule,
        steps: z.number(),
        options: z
          .object({
            eta: z.number(),
            s_churn: z.number(),
            s_tmin: z.number(),
            s_tmax: z.number(),
            s_noise: z.number(),
          })
          .partial()
          .optional(),
        timesteps: z.array(z.number()),
        latents: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('./golden/loops.json', import.meta.url), 'utf8')));

const sd = SchedulerConfig.parse({
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  clip_sample: false,
});

const flow = SchedulerConfig.parse({ prediction_type: 'flow_prediction' });

function modelFor(name: SchedulerName): SchedulerConfig {
  return name.startsWith('flow-') ? flow : sd;
}

/** The same function as in models/recipes/golden/schedulers.py. */
function model(sample: Float32Array, timestep: number): Float32Array {
  return sample.map((value) => 0.8 * value + 0.3 * Math.sin(3 * value + timestep / 100));
}

function loop(
  config: SchedulerConfig,
  scheduler: SchedulerName,
  steps: number,
  schedule: SigmaSchedule,
  options: Partial<SamplingOptions> = {},
): { timesteps: readonly number[]; latents: Float32Array } {
  const plan = planSampling(scheduler, config, steps, schedule, {
    ...defaultSamplingOptions,
    imageTokens: golden.imageTokens,
    ...options,
  });
  const generator = createTorchGenerator(golden.seed);
  const size = golden.shape.reduce((product, dim) => product * dim, 1);
  let state = startState(generator.normals(size).map((value) => value * plan.initNoiseSigma));
  for (const [i, { timestep }] of plan.evaluations.entries()) {
    const output = model(plan.scaleInput(i, state.latents), timestep);
    state = plan.step(i, state, output, () => generator.normals(size));
  }
  return { timesteps: plan.evaluations.map(({ timestep }) => timestep), latents: state.latents };
}

/** ‖actual − expected‖ / ‖expected‖ */
function relativeL2(actual: Float32Array, expected: readonly number[]): number {
  let difference = 0;
  let norm = 0;
  for (const [index, value] of expected.entries()) {
    difference += ((actual[index] ?? Number.NaN) - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(difference / norm);
}

describe('the schedulers', () => {
  it.each(golden.cases)(
    '$scheduler ($schedule $options) agrees with diffusers over $steps steps of $config',
    ({ config, scheduler, schedule, steps, options, timesteps, latents }) => {
      const own = loop(SchedulerConfig.parse(golden.configs[config]), scheduler, steps, schedule, {
        ...(options?.eta === undefined ? {} : { eta: options.eta }),
        ...(options?.s_churn === undefined ? {} : { sChurn: options.s_churn }),
        ...(options?.s_tmin === undefined ? {} : { sTmin: options.s_tmin }),
        ...(options?.s_tmax === undefined ? {} : { sTmax: options.s_tmax }),
        ...(options?.s_noise === undefined ? {} : { sNoise: options.s_noise }),
      });
      for (const [i, timestep] of timesteps.entries())
        expect(at(own.timesteps, i)).toBeCloseTo(timestep, 2);
      expect(relativeL2(own.latents, latents)).toBeLessThan(1e-4);
    },
  );

  it.each(SchedulerName.options)('%s changes none of the arrays it is given', (name) => {
    const plan = planSampling(name, modelFor(name), 6, 'normal');
    const noise = Float32Array.of(1, 1, 1);
    let state = startState(Float32Array.of(1, 2, 3));
    for (const i of plan.evaluations.keys()) {
      const modelOutput = Float32Array.of(0.1, 0.2, 0.3);
      const given = [state.latents, ...state.memory, modelOutput, noise];
      const copies = given.map((values) => values.slice());
      plan.scaleInput(i, state.latents);
      const next = plan.step(i, state, modelOutput, () => noise);
      expect(given).toEqual(copies);
      state = next;
    }
  });

  it.each(SchedulerName.options)('%s stays finite, whatever the steps and the schedule', (name) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(...SigmaSchedule.options),
        (steps, schedule) => {
          const { latents } = loop(modelFor(name), name, steps, schedule);
          expect(latents.every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each(SchedulerName.options)('%s steps down in noise', (name) => {
    const { evaluations } = planSampling(name, modelFor(name), 12, 'normal');
    const steps = evaluations.map(({ step }) => step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(new Set(steps).size).toBe(12);
    const begins = evaluations.filter(({ step }, i) => evaluations[i - 1]?.step !== step);
    const levels = begins.map(({ noise }) => noise);
    expect(levels).toEqual(levels.toSorted((a, b) => b - a));
  });

  it.each(SchedulerName.options)('%s can begin in the middle, as image to image does', (name) => {
    const plan = planSampling(name, modelFor(name), 10, 'normal');
    const first = firstEvaluation(plan, 10, 0.45);
    expect(plan.evaluations[first]?.step).toBe(6);
    expect(firstEvaluation(plan, 10, 0)).toBe(plan.evaluations.length);
    expect(firstEvaluation(plan, 10, 1)).toBe(0);
    const size = 12;
    const generator = createTorchGenerator(3);
    const clean = generator.normals(size);
    let state = startState(addNoise(plan, first, clean, generator.normals(size)));
    for (let i = first; i < plan.evaluations.length; i += 1) {
      const { signal, noise } = at(plan.evaluations, i);
      // A model that knows the answer: the way must end there.
      const output = state.latents.map((value, index) => {
        const epsilon = (value - signal * (clean[index] ?? 0)) / noise;
        return name.startsWith('flow-') ? epsilon - (clean[index] ?? 0) : epsilon;
      });
      state = plan.step(i, state, output, () => generator.normals(size));
    }
    const left = at(plan.evaluations, plan.evaluations.length - 1);
    const largest = Math.max(
      ...state.latents.map((value, index) => Math.abs(value - (clean[index] ?? 0))),
    );
    // DEIS and PNDM end a little above zero noise.
    expect(largest).toBeLessThan(3 * left.noise + 1e-3);
  });

  it.each(SchedulerName.options)('%s refuses a step that is not there', (name) => {
    const plan = planSampling(name, modelFor(name), 4, 'normal');
    const state = startState(new Float32Array(4));
    const beyond = plan.evaluations.length;
    expect(() => plan.step(beyond, state, new Float32Array(4), () => new Float32Array(4))).toThrow(
      RangeError,
    );
  });

  it.each(SchedulerName.options)('%s refuses more steps than there are noise levels', (name) => {
    const few = { ...modelFor(name), num_train_timesteps: 10 };
    expect(() => planSampling(name, few, 10, 'normal')).toThrow(/at most/);
  });

  it('keeps flows and diffusions apart, and says what to choose', () => {
    expect(() => planSampling('euler', flow, 4, 'normal')).toThrow(/Choose Flow Euler/);
    expect(() => planSampling('flow-euler', sd, 4, 'normal')).toThrow(/Choose another sampler/);
  });

  it('gives guided output the spread of the conditional one', () => {
    const conditional = Float32Array.of(1, -1, 2, -2);
    const guided = conditional.map((value) => value * 7);
    expect([...rescaleGuidance(guided, conditional, 1)]).toEqual([...conditional]);
    expect(rescaleGuidance(guided, conditional, 0)).toBe(guided);
    expect(rescaleGuidance(guided, conditional, 0.5)[0]).toBeCloseTo(4, 5);
  });

  it('reads any configuration whose fields it knows, whatever class it names', () => {
    const config = { _class_name: 'SomethingNewScheduler', beta_end: 0.012, skip_prk_steps: true };
    expect(SchedulerConfig.parse(config)).toMatchObject({ beta_end: 0.012, beta_start: 0.0001 });
    expect(SchedulerConfig.safeParse({ prediction_type: 'learned' }).success).toBe(false);
    expect(SchedulerConfig.safeParse({ beta_schedule: 'laplace' }).success).toBe(false);
    expect(SchedulerConfig.safeParse({ trained_betas: [0.1, 0.2] }).success).toBe(false);
  });

  it('says how many steps LCM can take', () => {
    expect(() => planSampling('lcm', sd, 51, 'normal')).toThrow(/at most 50 steps/);
  });
});
