import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SchedulerName, SigmaSchedule } from '../../../../contract/image-request.ts';
import { createTorchGenerator } from '../../tensor/torch-generator.ts';
import { SchedulerConfig } from './config.ts';
import { planSampling } from './index.ts';
import { at, type StepState } from './scheduler.ts';

const golden = z
  .object({
    seed: z.number(),
    shape: z.array(z.number()),
    configs: z.record(z.string(), SchedulerConfig),
    cases: z.array(
      z.object({
        config: z.string(),
        scheduler: SchedulerName,
        schedule: SigmaSchedule,
        steps: z.number(),
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

/** The same function as in models/recipes/golden/schedulers.py. */
function model(sample: Float32Array, timestep: number): Float32Array {
  return sample.map((value) => 0.8 * value + 0.3 * Math.sin(3 * value + timestep / 100));
}

function loop(
  config: SchedulerConfig,
  scheduler: SchedulerName,
  steps: number,
  schedule: SigmaSchedule,
): { timesteps: readonly number[]; latents: Float32Array } {
  const plan = planSampling(scheduler, config, steps, schedule);
  const generator = createTorchGenerator(golden.seed);
  const size = golden.shape.reduce((product, dim) => product * dim, 1);
  let state: StepState = {
    latents: generator.normals(size).map((value) => value * plan.initNoiseSigma),
    previousOriginal: null,
  };
  for (const [i, timestep] of plan.timesteps.entries()) {
    const output = model(plan.scaleInput(i, state.latents), timestep);
    state = plan.step(i, state, output, () => generator.normals(size));
  }
  return { timesteps: plan.timesteps, latents: state.latents };
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
    '$scheduler ($schedule) agrees with diffusers over $steps steps of $config',
    ({ config, scheduler, schedule, steps, timesteps, latents }) => {
      const own = loop(SchedulerConfig.parse(golden.configs[config]), scheduler, steps, schedule);
      for (const [i, timestep] of timesteps.entries())
        expect(at(own.timesteps, i)).toBeCloseTo(timestep, 2);
      expect(relativeL2(own.latents, latents)).toBeLessThan(1e-4);
    },
  );

  it.each(SchedulerName.options)('%s changes none of the arrays it is given', (name) => {
    const plan = planSampling(name, sd, 6, 'normal');
    const latents = Float32Array.of(1, 2, 3);
    const previousOriginal = Float32Array.of(4, 5, 6);
    const modelOutput = Float32Array.of(0.1, 0.2, 0.3);
    plan.scaleInput(2, latents);
    plan.step(2, { latents, previousOriginal }, modelOutput, () => Float32Array.of(1, 1, 1));
    expect([
      ...latents,
      ...previousOriginal,
      ...modelOutput.map((value) => Math.round(value * 10)),
    ]).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3]);
  });

  it.each(SchedulerName.options)('%s takes a single step and stays finite', (name) => {
    for (const schedule of SigmaSchedule.options) {
      expect(loop(sd, name, 1, schedule).latents.every(Number.isFinite)).toBe(true);
    }
  });

  it.each(SchedulerName.options)('%s refuses a step that is not there', (name) => {
    const plan = planSampling(name, sd, 4, 'normal');
    const state = { latents: new Float32Array(4), previousOriginal: null };
    expect(() => plan.step(4, state, new Float32Array(4), () => new Float32Array(4))).toThrow(
      RangeError,
    );
  });

  it.each(SchedulerName.options)('%s refuses more steps than there are noise levels', (name) => {
    const few = SchedulerConfig.parse({ num_train_timesteps: 10 });
    expect(() => planSampling(name, few, 10, 'normal')).toThrow(/at most/);
  });

  it('reads any configuration whose fields it knows, whatever class it names', () => {
    const config = { _class_name: 'SomethingNewScheduler', beta_end: 0.012, skip_prk_steps: true };
    expect(SchedulerConfig.parse(config)).toMatchObject({ beta_end: 0.012, beta_start: 0.0001 });
    expect(SchedulerConfig.safeParse({ prediction_type: 'flow_prediction' }).success).toBe(false);
    expect(SchedulerConfig.safeParse({ beta_schedule: 'laplace' }).success).toBe(false);
    expect(SchedulerConfig.safeParse({ trained_betas: [0.1, 0.2] }).success).toBe(false);
  });

  it('says how many steps LCM can take', () => {
    expect(() => planSampling('lcm', sd, 51, 'normal')).toThrow(/at most 50 steps/);
  });
});
