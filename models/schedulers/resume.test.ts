import { describe, expect, it } from 'vitest';
import { TorchGenerator } from '../noise.ts';
import { createScheduler, schedulerClasses } from './create.ts';
import type { Scheduler, SchedulerOptions } from './scheduler.ts';

const size = 16;
const start = new TorchGenerator(1).randn([size]).data;
const options = { steps: 6 };

/** @param between what is done between two steps, with what scheduler to go on */
function run(make: () => Scheduler, between: (scheduler: Scheduler, index: number) => Scheduler): Float32Array {
  const generator = new TorchGenerator(2);
  let scheduler = make();
  let x: Float32Array = start;
  for (const [index, t] of [...scheduler.timesteps.entries()].slice(scheduler.begin)) {
    scheduler = between(scheduler, index);
    const output = scheduler.scaleModelInput(x, index).map(value => Math.sin(value + t / 1000));
    x = scheduler.step(output, index, x, () => generator.randn([size]).data);
  }
  return x;
}

describe('a run of a scheduler', () => {
  const makers = [...schedulerClasses, 'PNDMScheduler'].map((_class_name, i) => {
    // PNDM a second time, without its Runge-Kutta start; three steps to look back at where there may be.
    const config = { _class_name, skip_prk_steps: i === schedulerClasses.length, solver_order: 3 };
    return [_class_name, (more: SchedulerOptions = {}) => createScheduler(config, { ...options, ...more })] as const;
  });

  it.each(makers)('of %s goes on in another one, after any step, to the same bytes', (_, make) => {
    const unbroken = run(make, scheduler => scheduler);
    const broken = run(make, (scheduler, index) => {
      const state = scheduler.state();
      for (const tensor of Object.values(state)) expect(tensor).toHaveLength(size);
      if (index === scheduler.begin) expect(state).toEqual({});
      const next = make();
      next.restore(state);
      return next;
    });
    expect(broken).toEqual(unbroken);
  });

  it.each(makers)('of %s may begin late, and needs nothing of the steps it left out', (name, make) => {
    const late = () => make({ strength: 0.5 });
    expect(late().begin).toBe(name === 'HeunDiscreteScheduler' ? 6 : 3);
    const x = run(late, scheduler => scheduler);
    expect(x.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['DPMSolverMultistepScheduler', 2, 'step 2 follows 0 known steps, expected 1'],
    ['UniPCMultistepScheduler', 2, 'step 2 follows 0 known steps, expected 2'],
    ['HeunDiscreteScheduler', 1, 'step 1 follows no first half'],
    ['PNDMScheduler', 1, 'step 1 follows no first one'],
  ])('of %s does not go on from nowhere', (_class_name, index, message) => {
    const scheduler = createScheduler({ _class_name, skip_prk_steps: true }, options);
    expect(() => scheduler.step(start, index, start)).toThrow(message);
  });

  it.each([
    ['HeunDiscreteScheduler', 'scheduler state of output_0: no x'],
    ['UniPCMultistepScheduler', 'scheduler state of output_0: no previous'],
  ])('of %s does not go on from a state of another kind', (_class_name, message) => {
    const scheduler = createScheduler({ _class_name }, options);
    expect(() => scheduler.restore({ output_0: start })).toThrow(message);
  });
});

describe('addNoise', () => {
  const noise = new TorchGenerator(3).randn([size]).data;

  it.each(schedulerClasses)('of %s leaves the image where there is no noise, and adds all of it at the start', name => {
    const scheduler = createScheduler(
      { _class_name: name, timestep_spacing: 'trailing', skip_prk_steps: true },
      options,
    );
    const [first, last] = [0, scheduler.timesteps.length - 1].map(i => scheduler.addNoise(start, noise, i));
    const share = (x: Float32Array, of: Float32Array) =>
      x.reduce((sum, value, i) => sum + value * of[i]!, 0) / of.reduce((sum, value) => sum + value ** 2, 0);
    expect(share(first!, noise) / scheduler.initNoiseSigma).toBeGreaterThan(0.95);
    expect(Math.abs(share(last!, noise))).toBeLessThan(Math.abs(share(first!, noise)));
    expect(() => scheduler.addNoise(start, noise, 99)).toThrow(RangeError);
  });
});
