/** How a picture was made, in one form, whichever program tells it. */
import {
  a1111Name,
  parseScheduleName,
  parseSchedulerName,
} from '../../../../contract/scheduler-names.ts';
import { takeAdapters } from '../../../../contract/prompt/adapters.ts';
import type { Told, ToldLora } from './programs/told.ts';
import { hasTags } from './trailing-loras.ts';

export interface Understood {
  /** As its program wrote them. */
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly modelName: string | null;
  /** First digits, mostly of SHA-256; programs do not agree on how many, nor on the method. */
  readonly modelHash: string | null;
  /** By their names in the web UI where the studio knows them, else as they were written. */
  readonly sampler: string | null;
  readonly schedule: string | null;
  readonly steps: number | null;
  readonly guidanceScale: number | null;
  /** Null also where it is beyond 2^53; then it is among the further pairs, digit for digit. */
  readonly seed: number | null;
  /** Pixels that were asked for: a second pass or an upscaler can have made more of them. */
  readonly width: number | null;
  readonly height: number | null;
  readonly clipSkip: number | null;
  readonly denoisingStrength: number | null;
  readonly loras: readonly ToldLora[];
  /** All other pairs, in the order of the file. */
  readonly further: Readonly<Record<string, string>>;
}

export function understoodOf({ prompt, negativePrompt, here, pairs, loras }: Told): Understood {
  const open = new Map(pairs);
  const take = (name: string): string | null => {
    const value = open.get(name) ?? null;
    open.delete(name);
    return value;
  };
  const figure = (name: string, isPossible = Number.isFinite): number | null => {
    const value = open.get(name)?.trim() ?? '';
    if (value === '' || !isPossible(Number(value))) return null;
    open.delete(name);
    return Number(value);
  };
  const [, width, height] =
    /^(\d{1,9})\s?[x×]\s?(\d{1,9})$/i.exec(pairs.get('Size')?.trim() ?? '') ?? [];
  if (width !== undefined) open.delete('Size');
  const tagged = here?.prompt ?? prompt;
  return {
    prompt,
    negativePrompt,
    modelName: take('Model'),
    modelHash: take('Model hash'),
    ...samplerOf(take('Sampler'), take('Schedule type')),
    steps: figure('Steps', Number.isSafeInteger),
    guidanceScale: figure('CFG scale'),
    seed: figure('Seed', Number.isSafeInteger),
    width: width === undefined ? null : Number(width),
    height: height === undefined ? null : Number(height),
    clipSkip: figure('Clip skip', Number.isSafeInteger),
    denoisingStrength: figure('Denoising strength'),
    loras: [
      ...(hasTags(tagged) ? takeAdapters(tagged).loras : []).map(
        ({ name, unetWeight, textWeight }) => ({ name, unetWeight, textWeight }),
      ),
      ...loras,
    ],
    further: Object.fromEntries(open),
  };
}

/** Older programs write the schedule behind the sampler. */
function samplerOf(sampler: string | null, schedule: string | null) {
  const found = sampler === null ? null : parseSchedulerName(sampler.slice(0, 200));
  const sigmaSchedule =
    schedule === null ? (found?.sigmaSchedule ?? null) : parseScheduleName(schedule.slice(0, 200));
  const known = found && a1111Name(found.scheduler, sigmaSchedule ?? 'normal');
  const scheduleTitle = sigmaSchedule && a1111Name('euler', sigmaSchedule).scheduleType;
  return { sampler: known?.sampler ?? sampler, schedule: scheduleTitle ?? schedule };
}
