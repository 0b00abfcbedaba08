import type { Job } from '../../../contract/queue.ts';

/** What a running job is doing, in a few words. */
export function phaseTitle({ progress }: Job): string {
  if (!progress) return 'Starting';
  switch (progress.phase) {
    case 'loading':
      return 'Loading the model';
    case 'encoding':
      return 'Reading the prompt';
    case 'denoising':
      return `Step ${progress.step} of ${progress.steps}`;
    case 'decoding':
      return 'Developing the picture';
    case 'upscaling':
      return 'Enlarging';
    case 'saving':
      return 'Saving';
    default:
      return progress.phase satisfies never;
  }
}
