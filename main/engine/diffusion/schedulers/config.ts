/** What a model's `scheduler_config.json` says about the noise it was trained with. */
import { z } from 'zod';

/**
 * Fields shared by diffusers' schedulers. Those without a value here fall to the default of the
 * scheduler that is used, as with diffusers' `Scheduler.from_config(pipeline.scheduler.config)`.
 */
export const SchedulerConfig = z
  .object({
    num_train_timesteps: z.number().int().min(1).max(100_000).default(1000),
    beta_start: z.number().positive().default(0.0001),
    beta_end: z.number().positive().max(1).default(0.02),
    beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2']).default('linear'),
    trained_betas: z.array(z.number()).nullish(),
    prediction_type: z
      .enum(['epsilon', 'v_prediction', 'sample', 'flow_prediction'])
      .default('epsilon'),
    timestep_spacing: z.enum(['linspace', 'leading', 'trailing']).optional(),
    steps_offset: z.number().int().default(0),
    set_alpha_to_one: z.boolean().optional(),
    clip_sample: z.boolean().optional(),
    clip_sample_range: z.number().positive().default(1),
    rescale_betas_zero_snr: z.boolean().default(false),
    final_sigmas_type: z.enum(['zero', 'sigma_min']).default('zero'),
    lower_order_final: z.boolean().default(true),
    euler_at_final: z.boolean().default(false),
    original_inference_steps: z.number().int().min(1).default(50),
    timestep_scaling: z.number().default(10),
    // Rectified flows.
    shift: z.number().positive().default(1),
    use_dynamic_shifting: z.boolean().default(false),
    base_shift: z.number().default(0.5),
    max_shift: z.number().default(1.15),
    base_image_seq_len: z.number().int().positive().default(256),
    max_image_seq_len: z.number().int().positive().default(4096),
    shift_terminal: z.number().min(0).max(1).nullish(),
  })
  .refine(
    ({ trained_betas: betas, num_train_timesteps: count }) => !betas || betas.length === count,
    { path: ['trained_betas'], error: 'There must be as many as num_train_timesteps says' },
  );
export type SchedulerConfig = z.infer<typeof SchedulerConfig>;
export type TimestepSpacing = NonNullable<SchedulerConfig['timestep_spacing']>;
export type PredictionType = SchedulerConfig['prediction_type'];
