import { expect, test } from 'vitest';
import { namesOf, schedulersOf } from './schedulers.ts';

const known = ['DDIM', 'EULER', 'EULER_ANCESTRAL', 'DPMPP_2M', 'DPMPP_2M_KARRAS'] as const;

test('schedulers have the names of the contract, as people write them, or those of diffusers', () => {
  expect(schedulersOf('ddim, euler-ancestral,EULER', known)).toEqual(['DDIM', 'EULER_ANCESTRAL', 'EULER']);
  expect(schedulersOf('EulerDiscreteScheduler,euler', known)).toEqual(['EULER']);
  expect(schedulersOf('DPMSolverMultistepScheduler', known)).toEqual(['DPMPP_2M']);
  expect(schedulersOf('all', known)).toEqual(known);
  expect(schedulersOf('ddim,flow_match_euler', known)).toBeNull();
  expect(schedulersOf('', known)).toBeNull();
  expect(namesOf(known)).toBe('ddim, euler, euler_ancestral, dpmpp_2m, dpmpp_2m_karras');
});
