import { describe, expect, it } from 'vitest';
import { schedulerNames, sigmaScheduleNames } from './image-request.ts';
import {
  a1111Name,
  listSchedulers,
  parseScheduleName,
  parseSchedulerName,
  schedulesOf,
} from './scheduler-names.ts';

describe('the names of samplers', () => {
  it.each([
    ['DPM++ 2M', 'dpmpp-2m', null],
    ['DPM++ 2M Karras', 'dpmpp-2m', 'karras'],
    ['DPM++ 2M SDE', 'dpmpp-2m-sde', null],
    ['DPM++ 2M SDE Exponential', 'dpmpp-2m-sde', 'exponential'],
    ['DPM++ 3M SDE Karras', 'dpmpp-3m-sde', 'karras'],
    ['DPM++ SDE Karras', 'dpmpp-sde', 'karras'],
    ['Euler a', 'euler-ancestral', null],
    ['DPM2 a Karras', 'dpm2-ancestral', 'karras'],
    ['LMS Karras', 'lms', 'karras'],
    ['PLMS', 'pndm', null],
    ['UniPC', 'unipc', null],
    ['dpmpp_2m_sde_gpu', 'dpmpp-2m-sde', null],
    ['uni_pc_bh2', 'unipc', null],
    ['euler_ancestral', 'euler-ancestral', null],
    ['dpm_2', 'dpm2', null],
    ['k_euler_a', 'euler-ancestral', null],
    ['DPM++ 2M SGM Uniform', 'dpmpp-2m', 'sgm-uniform'],
    ['Euler Align Your Steps', 'euler', 'ays'],
  ])('%s is %s with schedule %s', (text, scheduler, sigmaSchedule) => {
    expect(parseSchedulerName(text)).toEqual({ scheduler, sigmaSchedule });
  });

  it.each(['', 'Karras', 'DPM', 'euler b', 'constructor'])('"%s" is none of them', (text) => {
    expect(parseSchedulerName(text)).toBeNull();
  });

  it('are read back as they are written, with their schedule before and beside them', () => {
    for (const name of schedulerNames) {
      for (const schedule of sigmaScheduleNames) {
        const { sampler, scheduleType } = a1111Name(name, schedule);
        expect(parseSchedulerName(sampler)?.scheduler).toBe(name);
        expect(parseScheduleName(scheduleType)).toBe(schedule);
        expect(parseSchedulerName(`${sampler} ${scheduleType}`)).toEqual({
          scheduler: name,
          sigmaSchedule: schedule,
        });
      }
    }
  });

  it('are listed with what each can do', () => {
    const list = listSchedulers();
    expect(list).toHaveLength(19);
    expect(list.find(({ name }) => name === 'heun')).toMatchObject({
      evaluationsPerStep: 2,
      stochastic: false,
      predictions: ['epsilon', 'v', 'sample'],
    });
    expect(schedulesOf('lcm')).toEqual(['normal']);
    expect(schedulesOf('flow-euler')).not.toContain('ays');
  });
});
