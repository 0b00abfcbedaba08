/** What samplers are called elsewhere, and here. */
import type { SchedulerName, SigmaSchedule } from './image-request.ts';

/** Sampler names of Stable Diffusion web UI, as they stand in pictures' metadata. */
const a1111Samplers = {
  ddim: 'DDIM',
  euler: 'Euler',
  'euler-ancestral': 'Euler a',
  'dpmpp-2m': 'DPM++ 2M',
  lcm: 'LCM',
} as const satisfies Record<SchedulerName, string>;

const a1111ScheduleTypes = { normal: 'Normal', karras: 'Karras' } as const satisfies Record<
  SigmaSchedule,
  string
>;

export interface A1111Name {
  readonly sampler: string;
  readonly scheduleType: string;
}

export function a1111Name(scheduler: SchedulerName, sigmaSchedule: SigmaSchedule): A1111Name {
  return { sampler: a1111Samplers[scheduler], scheduleType: a1111ScheduleTypes[sigmaSchedule] };
}
