/**
 * The steps of pictures made since the start: small previews to look back on, and latents to branch
 * from. In memory only; the pictures whose steps were used last stay longest.
 */
import type { KeptLatents } from '../../../contract/engine.ts';
import { StudioError } from '../../../contract/errors.ts';
import type { Branch } from '../../../contract/image-options.ts';
import type { TimelineStep } from '../../../contract/timeline.ts';

export interface KeptStep {
  readonly step: number;
  readonly preview: Omit<TimelineStep, 'step'> | null;
  /** Null where one cannot go on from. */
  readonly latents: KeptLatents | null;
}

export interface Timeline {
  put(imageId: string, steps: readonly KeptStep[]): void;
  previews(imageId: string): { readonly steps: TimelineStep[]; readonly branchable: number };
  /** @throws {StudioError} `not-found` if the steps are not kept any more */
  latents(branch: Branch): KeptLatents;
}

/** About 300 pictures of 1024² at 20 steps. */
const defaultBudgetBytes = 256 * 2 ** 20;

export function createTimeline(budgetBytes = defaultBudgetBytes): Timeline {
  /** Least recently used first. */
  const kept = new Map<string, readonly KeptStep[]>();
  let bytes = 0;

  function touch(imageId: string): readonly KeptStep[] {
    const steps = kept.get(imageId);
    if (!steps) return [];
    kept.delete(imageId);
    kept.set(imageId, steps);
    return steps;
  }

  return {
    put(imageId, steps) {
      bytes -= sizeOf(kept.get(imageId) ?? []);
      kept.delete(imageId);
      kept.set(imageId, steps);
      bytes += sizeOf(steps);
      for (const [oldest, own] of kept) {
        if (bytes <= budgetBytes) break;
        kept.delete(oldest);
        bytes -= sizeOf(own);
      }
    },
    previews(imageId) {
      const steps = touch(imageId);
      return {
        steps: steps.flatMap(({ step, preview }) => (preview ? [{ step, ...preview }] : [])),
        branchable: steps.filter(({ latents }) => latents !== null).length,
      };
    },
    latents({ imageId, step }) {
      const found = touch(imageId).find((own) => own.step === step)?.latents;
      if (found) return found;
      throw new StudioError(
        'not-found',
        'The steps of that picture are not kept any more. Make it again from its recipe, then branch.',
        { imageId, step },
      );
    },
  };
}

function sizeOf(steps: readonly KeptStep[]): number {
  return steps.reduce(
    (sum, { preview, latents }) => sum + (preview?.rgb.length ?? 0) + (latents?.values.length ?? 0),
    0,
  );
}
