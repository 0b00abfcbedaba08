/** The queue of pictures to make. A job is one request for `count` pictures. */
import { z } from 'zod';
import { ErrorBody } from './errors.ts';
import { ImageId, JobId, ModelId, Timestamp } from './ids.ts';
import { ImageRequest, PromptText, Seed } from './image-request.ts';
import { call, stream } from './rpc.ts';

export const JobState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled']);
export type JobState = z.infer<typeof JobState>;

export const JobProgress = z.object({
  /** What is going on now. */
  phase: z.enum(['loading', 'encoding', 'denoising', 'decoding', 'upscaling', 'saving']),
  /** Index of the picture in progress within the job, from 0. */
  picture: z.number().int(),
  step: z.number().int(),
  steps: z.number().int(),
  /** Denoising steps per second over this picture; null before the second step. */
  stepsPerSecond: z.number().nullable(),
  /** Estimated milliseconds until the whole job is done; null while unknown. */
  remainingMs: z.number().nullable(),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const Job = z.object({
  id: JobId,
  state: JobState,
  request: ImageRequest.extend({ seed: z.number().int() }),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
  /** Pictures finished so far, in order. */
  imageIds: z.array(ImageId),
  progress: JobProgress.nullable(),
  error: ErrorBody.nullable(),
  /** How often it was tried; the engine's death counts one try. */
  attempts: z.number().int(),
});
export type Job = z.infer<typeof Job>;

export const QueueSnapshot = z.object({
  paused: z.boolean(),
  /** Running first, then queued in order, then the newest finished ones (at most 100). */
  jobs: z.array(Job),
});
export type QueueSnapshot = z.infer<typeof QueueSnapshot>;

/** A small picture of the latents: RGB bytes, row by row. */
export const Preview = z.object({
  jobId: JobId,
  picture: z.number().int(),
  step: z.number().int(),
  steps: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  rgb: z.instanceof(Uint8Array),
});
export type Preview = z.infer<typeof Preview>;

export const PromptChunks = z.object({
  /** Tokens without start, end and padding. */
  tokens: z.number().int(),
  chunks: z.number().int(),
  /** Tokens that fit into one chunk (75 for CLIP). */
  chunkSize: z.number().int(),
});
export type PromptChunks = z.infer<typeof PromptChunks>;

/** Of everything that the seeds make of a prompt the longest. */
export const PromptCount = PromptChunks.extend({
  /** Of the shortest; equal to `tokens` where a prompt leaves nothing to a seed. */
  leastTokens: z.number().int(),
  /** Seeds that were tried because none is set; 0 where every picture's seed is known. */
  triedSeeds: z.number().int(),
});
export type PromptCount = z.infer<typeof PromptCount>;

export const queueContract = {
  /** Never waits for the engine: the job is on disk when this resolves. */
  'queue.add': call(ImageRequest, Job),
  'queue.watch': stream(z.object({}), QueueSnapshot),
  /** Live previews of whatever job is running; slow readers get the newest, not all. */
  'queue.previews': stream(z.object({}), Preview),
  'queue.cancel': call(z.object({ id: JobId }), z.object({})),
  'queue.cancelAll': call(z.object({}), z.object({})),
  /** Puts a failed or cancelled job back; finished pictures are kept and not made again. */
  'queue.retry': call(z.object({ id: JobId }), Job),
  /** Moves a queued job before another queued one, or to the end with null. */
  'queue.move': call(z.object({ id: JobId, before: JobId.nullable() }), z.object({})),
  /** Removes a job that is not running from the list; its pictures stay. */
  'queue.remove': call(z.object({ id: JobId }), z.object({})),
  'queue.setPaused': call(z.object({ paused: z.boolean() }), z.object({})),
  'prompt.count': call(
    z.object({
      modelId: ModelId,
      prompt: PromptText,
      /** Of the first picture; null where every picture draws its own. */
      seed: Seed.nullable(),
      pictures: z.number().int().min(1),
    }),
    PromptCount,
  ),
} as const;
