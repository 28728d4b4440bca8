import { describe, expect, it } from 'vitest';
import { schedulerConfig, schedulerNames } from '../../models/schedulers/names.ts';
import type { Job } from '../generations/job.ts';
import { isResumable, keptSteps } from './kept-steps.ts';

const job = (steps: number, scheduler: object = { _class_name: 'DDIMScheduler' }, change: object = {}) =>
  ({ scheduler, parameters: { steps, eta: 0, start: null, ...change } }) as unknown as Job;

describe('keptSteps', () => {
  it.each([
    [20, [2, 4, 6, 8, 10]],
    [50, [5, 10, 15, 20, 25]],
    [7, [1, 2, 3]],
    [2, [1]],
    [1, []],
  ])('of %d steps are at most five, none of them past the half', (steps, expected) => {
    expect(keptSteps(job(steps))).toEqual(expected);
  });

  it('are of schedulers that draw no noise and call the model once a step', () => {
    const own = { _class_name: 'DDIMScheduler', timestep_spacing: 'leading', steps_offset: 1 };
    const names = schedulerNames.filter(name => isResumable(job(20, schedulerConfig(name, own))));
    expect(names).toEqual(['DDIM', 'EULER', 'DPMPP_2M', 'DPMPP_2M_KARRAS', 'UNIPC', 'FLOW_MATCH_EULER']);
    expect(isResumable(job(20, undefined, { eta: 0.1 }))).toBe(false);
    expect(isResumable(job(20, undefined, { start: { strength: 0.5 } }))).toBe(false);
    expect(isResumable(job(20, { _class_name: 'Nobody' }))).toBe(false);
  });
});
