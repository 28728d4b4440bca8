import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../unsupported.ts';
import { createScheduler, type SchedulerConfig } from './create.ts';
import type { SchedulerOptions } from './scheduler.ts';

const config = (name: string, options: SchedulerConfig = {}) => ({ ...options, _class_name: `${name}Scheduler` });
const flow = (name: string, options: SchedulerConfig = {}) =>
  config(name, { use_flow_sigmas: true, prediction_type: 'flow_prediction', ...options });
const twoSpacings = { use_karras_sigmas: true, use_exponential_sigmas: true };

describe('createScheduler', () => {
  it.each<[SchedulerConfig, SchedulerOptions, string]>([
    [config('EulerAncestralDiscrete', { prediction_type: 'sample' }), { steps: 5 }, 'prediction_type "sample"'],
    [config('PNDM', { prediction_type: 'sample' }), { steps: 5 }, 'prediction_type "sample"'],
    [config('PNDM'), { steps: 3 }, 'skip_prk_steps false with 3 steps'],
    [config('DDPM', { variance_type: 'learned_range' }), { steps: 5 }, 'variance_type "learned_range"'],
    [config('EulerDiscrete', { timestep_type: 'odd' }), { steps: 5 }, 'timestep_type "odd"'],
    [config('EulerDiscrete', { final_sigmas_type: 'max' }), { steps: 5 }, 'final_sigmas_type "max"'],
    [config('EulerDiscrete', { use_karras_sigmas: true }), { timesteps: [9, 1] }, 'use_karras_sigmas with timesteps'],
    [config('HeunDiscrete', { use_beta_sigmas: true }), { timesteps: [9, 1] }, 'use_beta_sigmas with timesteps'],
    [config('DPMSolverMultistep', { use_lu_lambdas: true }), { timesteps: [9, 1] }, 'use_lu_lambdas with timesteps'],
    [config('DPMSolverMultistep', { algorithm_type: 'dpmsolver' }), { steps: 5 }, '"zero" with dpmsolver'],
    [config('DPMSolverMultistep', { solver_order: 4 }), { steps: 5 }, 'solver_order 4'],
    [config('DPMSolverMultistep', { variance_type: 'learned' }), { steps: 5 }, 'variance_type "learned"'],
    [flow('DPMSolverMultistep', { use_lu_lambdas: true }), { steps: 5 }, 'use_flow_sigmas with use_lu_lambdas'],
    [flow('DPMSolverMultistep', { use_karras_sigmas: true }), { steps: 5 }, 'use_flow_sigmas with use_karras_sigmas'],
    [flow('UniPCMultistep', { use_beta_sigmas: true }), { steps: 5 }, 'use_flow_sigmas with use_beta_sigmas'],
    [flow('DPMSolverMultistep'), { timesteps: [9, 1] }, 'use_flow_sigmas with timesteps'],
    [flow('UniPCMultistep', { predict_x0: false }), { steps: 5 }, '"flow_prediction" with predict_x0 false'],
    [config('UniPCMultistep', { shift_terminal: 0.1 }), { steps: 5 }, 'shift_terminal 0.1'],
    [config('EulerDiscrete', twoSpacings), { sigmas: [9, 1, 0] }, 'use_karras_sigmas with use_exponential_sigmas'],
    [config('UniPCMultistep', { solver_p: {} }), { steps: 5 }, 'solver_p {}'],
    [config('UniPCMultistep', { solver_order: 3, lower_order_final: false }), { steps: 5 }, 'lower_order_final false'],
    [config('FlowMatchEulerDiscrete', { time_shift_type: 'odd' }), { steps: 5 }, 'time_shift_type "odd"'],
    [config('DDIM'), { timesteps: [9, 1] }, 'DDIMScheduler with timesteps'],
    [config('UniPCMultistep'), { sigmas: [9, 1] }, 'UniPCMultistepScheduler with sigmas'],
    [config('EulerDiscrete'), { steps: 5, mu: 1 }, 'EulerDiscreteScheduler with mu'],
    [config('DDPM'), { steps: 5, churn: { amount: 1 } }, 'DDPMScheduler with churn'],
  ])('names what is not supported: %o %o', (which, options, message) => {
    expect(() => createScheduler(which, options)).toThrow(UnsupportedError);
    expect(() => createScheduler(which, options)).toThrow(message);
  });

  it.each<[SchedulerConfig, SchedulerOptions, string]>([
    [config('EulerDiscrete'), {}, 'nothing given, expected one of steps, timesteps and sigmas'],
    [config('EulerDiscrete'), { steps: 2, timesteps: [9, 1] }, 'steps and timesteps given'],
    [config('EulerDiscrete'), { steps: 1001 }, '1001 steps, expected a whole number from 1 to 1000'],
    [config('LCM'), { steps: 51 }, '51 steps, expected a whole number from 1 to 50'],
    [config('LCM', { original_inference_steps: 2000 }), { steps: 5 }, 'original_inference_steps is 2000'],
    [config('DDPM'), { timesteps: [1, 9] }, 'timesteps 1, 9: expected whole numbers, descending from 999'],
    [config('LCM'), { timesteps: [1000] }, 'descending from 999'],
    [config('FlowMatchEulerDiscrete', { use_dynamic_shifting: true }), { steps: 5 }, 'use_dynamic_shifting needs mu'],
    [config('FlowMatchEulerDiscrete'), { steps: 5, sigmas: [1, 0.5] }, '2 timesteps or sigmas for 5 steps'],
    [config('DPMSolverMultistep'), { steps: 5, mu: 1 }, 'mu without use_dynamic_shifting'],
    [flow('UniPCMultistep', { use_dynamic_shifting: true }), { steps: 5 }, 'use_dynamic_shifting needs mu'],
    [flow('DPMSolverMultistep'), { steps: 1001 }, '1001 steps, expected a whole number from 1 to 1000'],
    [config('EulerDiscrete'), { steps: 5, strength: 0 }, 'strength is 0, expected a number above 0, at most 1'],
    [config('EulerDiscrete'), { steps: 5, strength: 0.1 }, 'strength 0.1 of 5 steps is none, expected at least 0.2'],
  ])('refuses what is out of range: %o %o', (which, options, message) => {
    expect(() => createScheduler(which, options)).toThrow(RangeError);
    expect(() => createScheduler(which, options)).toThrow(message);
  });

  it('takes options of other classes that mean nothing here, and those that mean the same', () => {
    const foreign = {
      skip_prk_steps: true,
      variance_type: 'fixed_small',
      solver_type: 'bh2',
      rescale_betas_zero_snr: null,
    };
    for (const name of ['EulerDiscrete', 'DPMSolverMultistep', 'HeunDiscrete', 'LCM']) {
      expect(() => createScheduler(config(name, foreign), { steps: 5 })).not.toThrow();
    }
  });
});

describe('timesteps', () => {
  it.each<[string, SchedulerConfig, SchedulerOptions, number[]]>([
    ['PNDM', { skip_prk_steps: true }, { steps: 4 }, [750, 500, 500, 250, 0]],
    ['PNDM', {}, { steps: 5 }, [800, 700, 700, 600, 600, 500, 500, 400, 400, 300, 300, 200, 200, 0]],
    ['PNDM', { skip_prk_steps: true }, { steps: 1 }, [0]],
    ['HeunDiscrete', {}, { steps: 3 }, [999, 499.5, 499.5, 0, 0]],
    ['EulerDiscrete', {}, { steps: 5 }, [999, 749.25, 499.5, 249.75, 0]],
    ['EulerDiscrete', {}, { timesteps: [900, 300.5] }, [900, 300.5]],
    ['DPMSolverMultistep', {}, { steps: 4 }, [999, 749, 500, 250]],
    ['DPMSolverMultistep', { timestep_spacing: 'leading' }, { steps: 4 }, [800, 600, 400, 200]],
    ['UniPCMultistep', { timestep_spacing: 'trailing' }, { steps: 4 }, [999, 749, 499, 249]],
    ['LCM', {}, { steps: 4 }, [999, 759, 499, 259]],
    ['FlowMatchEulerDiscrete', {}, { sigmas: [1, 0.5, 0.25] }, [1000, 500, 250]],
    ['DPMSolverMultistep', { use_flow_sigmas: true }, { steps: 4 }, [999, 749, 499, 249]],
    ['UniPCMultistep', { use_flow_sigmas: true, flow_shift: 3 }, { steps: 4 }, [999, 900, 750, 500]],
    ['UniPCMultistep', { use_flow_sigmas: true }, { sigmas: [0.9, 0.5, 0.25] }, [900, 500, 250]],
  ])('of %s with %o and %o', (name, options, given, expected) => {
    expect(createScheduler(config(name, options), given).timesteps).toEqual(expected);
  });

  it('of DPM-Solver leave out where there is hardly any image', () => {
    const clipped = config('DPMSolverMultistep', { lambda_min_clipped: -3 });
    expect(createScheduler(clipped, { steps: 4 }).timesteps[0]).toBeLessThan(900);
    const none = config('DPMSolverMultistep', { lambda_min_clipped: '-Infinity' });
    expect(createScheduler(none, { steps: 4 }).timesteps[0]).toBe(999);
  });
});
