/** What samplers are called here and elsewhere: Stable Diffusion web UI (A1111) and ComfyUI. */
import {
  schedulerNames,
  sigmaScheduleNames,
  type SchedulerName,
  type SigmaSchedule,
} from './image-request.ts';

interface SchedulerFacts {
  readonly title: string;
  /** As it stands in pictures' metadata. */
  readonly a1111: string;
  /** Null where ComfyUI has none. */
  readonly comfy: string | null;
  readonly aliases: readonly string[];
  /** Runs of the model per step. */
  readonly evaluationsPerStep: 1 | 2;
  /** Whether it draws fresh noise on the way. */
  readonly stochastic: boolean;
  /** What it can be told: see `SamplerOptions`. */
  readonly options: readonly ('eta' | 'sChurn' | 'sNoise')[];
}

const schedulerFacts: Readonly<Record<SchedulerName, SchedulerFacts>> = {
  'dpmpp-2m': facts('DPM++ 2M', 'dpmpp_2m', ['k_dpmpp_2m', 'dpm++ 2m']),
  'dpmpp-2m-sde': facts('DPM++ 2M SDE', 'dpmpp_2m_sde', ['dpmpp_2m_sde_gpu', 'k_dpmpp_2m_sde'], {
    stochastic: true,
    options: ['sNoise'],
  }),
  'dpmpp-3m-sde': facts('DPM++ 3M SDE', 'dpmpp_3m_sde', ['dpmpp_3m_sde_gpu', 'k_dpmpp_3m_sde'], {
    stochastic: true,
    options: ['sNoise'],
  }),
  'dpmpp-sde': facts('DPM++ SDE', 'dpmpp_sde', ['dpmpp_sde_gpu', 'k_dpmpp_sde'], {
    stochastic: true,
    evaluationsPerStep: 2,
    options: ['eta', 'sNoise'],
  }),
  unipc: facts('UniPC', 'uni_pc_bh2', ['uni_pc']),
  deis: facts('DEIS', 'deis', ['deis multistep']),
  euler: facts('Euler', 'euler', ['k_euler'], { options: ['sChurn', 'sNoise'] }),
  'euler-ancestral': {
    ...facts('Euler a', 'euler_ancestral', ['k_euler_a', 'euler_a', 'euler ancestral'], {
      stochastic: true,
      options: ['eta', 'sNoise'],
    }),
    title: 'Euler ancestral',
  },
  heun: facts('Heun', 'heun', ['k_heun'], { evaluationsPerStep: 2 }),
  dpm2: facts('DPM2', 'dpm_2', ['k_dpm_2'], { evaluationsPerStep: 2 }),
  'dpm2-ancestral': {
    ...facts('DPM2 a', 'dpm_2_ancestral', ['k_dpm_2_a', 'dpm2 ancestral'], {
      evaluationsPerStep: 2,
      stochastic: true,
      options: ['eta', 'sNoise'],
    }),
    title: 'DPM2 ancestral',
  },
  lms: facts('LMS', 'lms', ['k_lms']),
  ddim: facts('DDIM', 'ddim', [], { options: ['eta'] }),
  ddpm: facts('DDPM', 'ddpm', [], { stochastic: true }),
  pndm: facts('PNDM', null, ['plms']),
  lcm: facts('LCM', 'lcm', [], { stochastic: true }),
  tcd: facts('TCD', null, [], { stochastic: true, options: ['eta'] }),
  'flow-euler': facts('Flow Euler', null, ['flowmatcheulerdiscrete', 'flow match euler']),
  'flow-heun': facts('Flow Heun', null, ['flowmatchheundiscrete', 'flow match heun'], {
    evaluationsPerStep: 2,
  }),
};

function facts(
  a1111: string,
  comfy: string | null,
  aliases: readonly string[],
  special: Partial<SchedulerFacts> = {},
): SchedulerFacts {
  return {
    title: a1111,
    a1111,
    comfy,
    aliases,
    evaluationsPerStep: 1,
    stochastic: false,
    options: [],
    ...special,
  };
}

const scheduleFacts: Readonly<
  Record<SigmaSchedule, { readonly title: string; readonly a1111: string; readonly comfy: string }>
> = {
  normal: { title: 'Normal', a1111: 'Normal', comfy: 'normal' },
  karras: { title: 'Karras', a1111: 'Karras', comfy: 'karras' },
  exponential: { title: 'Exponential', a1111: 'Exponential', comfy: 'exponential' },
  beta: { title: 'Beta', a1111: 'Beta', comfy: 'beta' },
  'sgm-uniform': { title: 'SGM uniform', a1111: 'SGM Uniform', comfy: 'sgm_uniform' },
  ays: { title: 'Align your steps', a1111: 'Align Your Steps', comfy: 'ays' },
};

/** The methods for rectified flows; all others are for diffusion. */
export const flowSchedulerNames = [
  'flow-euler',
  'flow-heun',
] as const satisfies readonly SchedulerName[];

/** Their steps are given by the model alone: a schedule changes nothing. */
const scheduleFreeNames: ReadonlySet<SchedulerName> = new Set(['pndm', 'lcm', 'tcd']);
const flowSchedules: readonly SigmaSchedule[] = ['normal', 'karras', 'exponential', 'beta'];

export function schedulerTitle(name: SchedulerName): string {
  return schedulerFacts[name].title;
}

export function scheduleTitle(schedule: SigmaSchedule): string {
  return scheduleFacts[schedule].title;
}

/** The schedules that make a difference to a sampler. */
export function schedulesOf(name: SchedulerName): readonly SigmaSchedule[] {
  if (scheduleFreeNames.has(name)) return ['normal'];
  return flowSchedulerNames.some((flow) => flow === name) ? flowSchedules : sigmaScheduleNames;
}

/** What `SamplerOptions` a sampler listens to. */
export function samplerOptionsOf(name: SchedulerName): SchedulerFacts['options'] {
  return schedulerFacts[name].options;
}

export interface A1111Name {
  readonly sampler: string;
  readonly scheduleType: string;
}

export function a1111Name(scheduler: SchedulerName, sigmaSchedule: SigmaSchedule): A1111Name {
  return {
    sampler: schedulerFacts[scheduler].a1111,
    scheduleType: scheduleFacts[sigmaSchedule].a1111,
  };
}

/**
 * A sampler by any of its names, of this program, A1111 or ComfyUI. Before version 1.9 the web UI
 * wrote the schedule behind the sampler, as in "DPM++ 2M Karras".
 * @returns null for a name that none of them has; a null schedule where the name says nothing of it
 */
export function parseSchedulerName(
  text: string,
): { readonly scheduler: SchedulerName; readonly sigmaSchedule: SigmaSchedule | null } | null {
  const wanted = simplified(text);
  const whole = schedulersByName.get(wanted);
  if (whole) return { scheduler: whole, sigmaSchedule: null };
  for (const [ending, sigmaSchedule] of schedulesByName) {
    if (!wanted.endsWith(ending)) continue;
    const scheduler = schedulersByName.get(wanted.slice(0, -ending.length));
    if (scheduler) return { scheduler, sigmaSchedule };
  }
  return null;
}

/** A schedule by any of its names. @returns null for a name that none of the programs has */
export function parseScheduleName(text: string): SigmaSchedule | null {
  return schedulesByName.get(simplified(text)) ?? null;
}

/** Every sampler with all that is known of it, for lists and for `atelier schedulers --json`. */
export function listSchedulers() {
  return schedulerNames.map((name) => ({
    name,
    ...schedulerFacts[name],
    schedules: schedulesOf(name),
    predictions: flowSchedulerNames.some((flow) => flow === name)
      ? (['flow'] as const)
      : (['epsilon', 'v', 'sample'] as const),
  }));
}

/** Case, spaces and the signs between words say nothing: "DPM++ 2M" and "dpmpp_2m" are one. */
function simplified(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('++', 'pp')
    .replaceAll(/[\s_-]+/g, '');
}

const schedulersByName = new Map(
  schedulerNames.flatMap((name) => {
    const { title, a1111, comfy, aliases } = schedulerFacts[name];
    const names = [name, title, a1111, ...(comfy === null ? [] : [comfy]), ...aliases];
    return names.map((own) => [simplified(own), name] as const);
  }),
);

const schedulesByName = new Map(
  sigmaScheduleNames.flatMap((schedule) => {
    const { title, a1111, comfy } = scheduleFacts[schedule];
    const extra = schedule === 'normal' ? ['automatic', 'uniform', 'simple'] : [];
    return [schedule, title, a1111, comfy, ...extra].map(
      (own) => [simplified(own), schedule] as const,
    );
  }),
);
