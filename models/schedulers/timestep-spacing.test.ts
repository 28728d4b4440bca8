import { describe, expect, it } from 'vitest';
import { spacedTimesteps } from './timestep-spacing.ts';

describe('spacedTimesteps', () => {
  it.each([
    ['leading', 3, [667, 334, 1]],
    ['leading', 7, [853, 711, 569, 427, 285, 143, 1]],
    ['trailing', 3, [999, 666, 332]],
    ['trailing', 7, [999, 856, 713, 570, 428, 285, 142]],
    ['linspace', 1, [0]],
    ['linspace', 3, [999, 500, 0]],
    ['linspace', 7, [999, 832, 666, 500, 333, 166, 0]],
  ])('%s in %i steps is what diffusers visits', (timestep_spacing, steps, expected) => {
    expect(spacedTimesteps({ timestep_spacing, steps_offset: 1 }, steps)).toEqual(expected);
  });

  it('never leaves the schedule, where numpy would add a timestep below 0', () => {
    for (let steps = 1; steps <= 1000; steps++) {
      const timesteps = spacedTimesteps({ timestep_spacing: 'trailing' }, steps);
      expect(timesteps).toHaveLength(steps);
      expect(timesteps.at(-1)).toBeGreaterThanOrEqual(0);
    }
  });

  it('refuses more steps than there are timesteps', () => {
    expect(() => spacedTimesteps({ num_train_timesteps: 50 }, 51)).toThrow(
      '51 steps, expected a whole number from 1 to 50',
    );
    expect(() => spacedTimesteps({ steps_offset: 1 }, 1000)).toThrow('begin at timestep 1000, expected at most 999');
    expect(() => spacedTimesteps({}, 0)).toThrow(RangeError);
    expect(() => spacedTimesteps({}, 2.5)).toThrow(RangeError);
  });

  it('refuses a spacing it does not know by name', () => {
    expect(() => spacedTimesteps({ timestep_spacing: 'cosine' }, 5)).toThrow(
      'timestep_spacing "cosine" is not supported',
    );
  });
});
