import { describe, expect, it } from 'vitest';
import { createScheduler, schedulerClasses } from './create.ts';
import { schedulerConfig, schedulerName, schedulerNames, schedulerNamesFor } from './names.ts';

const own = { _class_name: 'PNDMScheduler', _diffusers_version: '0.6.0', beta_start: 0.00085, skip_prk_steps: true };
const flow = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 };

describe('the names of schedulers', () => {
  it('are each a class that can be created from the config of another', () => {
    for (const name of schedulerNames) {
      const config = schedulerConfig(name, own);
      expect(schedulerClasses).toContain(config._class_name);
      expect(createScheduler(config, { steps: 5 }).timesteps.length).toBeGreaterThanOrEqual(5);
    }
    expect(new Set(schedulerNames.map(name => schedulerConfig(name, own)._class_name)).size).toBe(
      schedulerClasses.length,
    );
  });

  it('keep what the checkpoint says, but for what its class has by default', () => {
    expect(schedulerConfig('EULER', own)).toEqual({
      _class_name: 'EulerDiscreteScheduler',
      beta_start: 0.00085,
      skip_prk_steps: true,
    });
    const saved = { ...own, timestep_spacing: 'leading', _use_default_values: ['timestep_spacing'] };
    expect(schedulerConfig('EULER', saved)).not.toHaveProperty('timestep_spacing');
    expect(schedulerConfig('PNDM', saved)).toHaveProperty('timestep_spacing', 'leading');
  });

  it('mean what they say, whatever the checkpoint has', () => {
    const karras = { ...own, use_karras_sigmas: true, algorithm_type: 'sde-dpmsolver++' };
    expect(schedulerConfig('DPMPP_2M', karras)).toMatchObject({
      use_karras_sigmas: false,
      algorithm_type: 'dpmsolver++',
    });
    const beta = { ...own, use_beta_sigmas: true };
    expect(() => createScheduler(schedulerConfig('DPMPP_2M_KARRAS', beta), { steps: 5 })).not.toThrow();
  });

  it.each([
    [{ _class_name: 'DDIMScheduler' }, 'DDIM'],
    [{ _class_name: 'DPMSolverMultistepScheduler' }, 'DPMPP_2M'],
    [{ _class_name: 'DPMSolverMultistepScheduler', use_karras_sigmas: true }, 'DPMPP_2M_KARRAS'],
    [{ _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++' }, 'DPMPP_2M_SDE'],
    [{ _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'dpmsolver' }, 'DPMPP_2M'],
    [flow, 'FLOW_MATCH_EULER'],
    [{ _class_name: 'LMSDiscreteScheduler' }, null],
  ])('of %o is %s', (config, name) => {
    expect(schedulerName(config)).toBe(name);
  });

  it('that make sense depend on what the model was trained to predict', () => {
    expect(schedulerNamesFor(flow)).toEqual(['FLOW_MATCH_EULER']);
    expect(schedulerNamesFor({ prediction_type: 'flow_prediction' })).toEqual(['FLOW_MATCH_EULER']);
    const solver = { ...flow, _class_name: 'UniPCMultistepScheduler', use_flow_sigmas: true };
    expect(schedulerNamesFor(solver)).toEqual(['DPMPP_2M', 'DPMPP_2M_SDE', 'UNIPC', 'FLOW_MATCH_EULER']);
    expect(schedulerName(solver)).toBe('UNIPC');
    for (const name of schedulerNamesFor(solver)) {
      expect(() => createScheduler(schedulerConfig(name, solver), { steps: 5 })).not.toThrow();
    }
    expect(schedulerNamesFor(own)).toEqual(schedulerNames.filter(name => name !== 'FLOW_MATCH_EULER'));
    expect(schedulerNamesFor({ ...own, prediction_type: 'sample' })).not.toContain('PNDM');
  });
});
