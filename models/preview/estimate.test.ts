import { describe, expect, it } from 'vitest';
import { TorchGenerator } from '../noise.ts';
import type { FloatTensor } from '../runtime.ts';
import { createScheduler, type SchedulerConfig } from '../schedulers/create.ts';
import type { Scheduler, SchedulerOptions } from '../schedulers/scheduler.ts';
import { type Mixture, originalEstimates } from './estimate.ts';

const dims = [1, 2, 4, 4];
const size = 32;
const generator = new TorchGenerator(5);
const original = generator.randn([size]).data;
const noise = generator.randn([size]).data;
const tensor = (data: Float32Array): FloatTensor => ({ data, dims });
const mixed = ({ signal, noise: sigma }: Mixture) => original.map((x0, i) => signal * x0 + sigma * noise[i]!);

/** What a model says that knows the picture and the noise. */
function exact(prediction: unknown, { signal, noise: sigma }: Mixture): Float32Array {
  const scale = Math.hypot(signal, sigma);
  switch (prediction) {
    case 'epsilon':
      return noise;
    case 'sample':
    case 'original_sample':
      return original;
    case 'v_prediction':
      return original.map((x0, i) => (signal * noise[i]! - sigma * x0) / scale);
    default:
      return original.map((x0, i) => noise[i]! - x0);
  }
}

// How noisy latents are, each written down as the papers have it, and none asked of a scheduler's `addNoise`.

/** √ᾱ_t and √(1 − ᾱ_t) of betas that run evenly, or evenly in their roots, from one to another. */
const preserving =
  (first = 0.0001, last = 0.02, roots = false) =>
  ({ timesteps }: Scheduler, index: number): Mixture => {
    const [from, to] = roots ? [Math.sqrt(first), Math.sqrt(last)] : [first, last];
    let alpha = 1;
    for (let t = 0; t <= timesteps[index]!; t++) alpha *= 1 - (from + ((to - from) * t) / 999) ** (roots ? 2 : 1);
    return { signal: Math.sqrt(alpha), noise: Math.sqrt(1 - alpha) };
  };
const exploding = ({ sigmas }: Scheduler, index: number): Mixture => ({ signal: 1, noise: sigmas![index]! });
const scaled = ({ sigmas }: Scheduler, index: number): Mixture => {
  const alpha = 1 / Math.sqrt(1 + sigmas![index]! ** 2);
  return { signal: alpha, noise: sigmas![index]! * alpha };
};
const straight = ({ sigmas }: Scheduler, index: number): Mixture => ({
  signal: 1 - sigmas![index]!,
  noise: sigmas![index]!,
});

const all = ['epsilon', 'v_prediction', 'sample'];
type Case = [string, string[], (scheduler: Scheduler, index: number) => Mixture, SchedulerConfig?, SchedulerOptions?];
const cases: Case[] = [
  ['DDIMScheduler', all, preserving()],
  ['DDIMScheduler', all, preserving(), { timestep_spacing: 'trailing' }, { strength: 0.6 }],
  ['DDPMScheduler', all, preserving()],
  ['PNDMScheduler', all.slice(0, 2), preserving()],
  ['PNDMScheduler', all.slice(0, 2), preserving(), { skip_prk_steps: true }],
  ['LCMScheduler', all, preserving(0.00085, 0.012, true)],
  ['EulerDiscreteScheduler', [...all, 'original_sample'], exploding],
  ['EulerDiscreteScheduler', all, exploding, { use_karras_sigmas: true }],
  ['EulerDiscreteScheduler', all, exploding, { interpolation_type: 'log_linear' }],
  ['EulerDiscreteScheduler', ['v_prediction'], exploding, { timestep_type: 'continuous' }],
  ['EulerAncestralDiscreteScheduler', all.slice(0, 2), exploding],
  ['HeunDiscreteScheduler', all, exploding, {}, { strength: 0.5 }],
  ['DPMSolverMultistepScheduler', all, scaled],
  ['DPMSolverMultistepScheduler', all, scaled, { use_karras_sigmas: true }],
  ['DPMSolverMultistepScheduler', all, scaled, { algorithm_type: 'sde-dpmsolver++' }],
  ['DPMSolverMultistepScheduler', ['flow_prediction'], straight, { use_flow_sigmas: true, flow_shift: 3 }],
  ['UniPCMultistepScheduler', all, scaled, { use_exponential_sigmas: true }],
  ['UniPCMultistepScheduler', ['flow_prediction'], straight, { use_flow_sigmas: true }],
  ['FlowMatchEulerDiscreteScheduler', ['flow_prediction'], straight, { shift: 3 }],
];
const listed = cases.flatMap(([name, predictions, mixture, more = {}, options = {}]) =>
  predictions.map(prediction_type => {
    const config: SchedulerConfig = { ...more, _class_name: name, prediction_type, clip_sample: false };
    return [config, { steps: 10, ...options }, mixture] as const;
  }),
);

function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('originalEstimates', () => {
  it.each(listed)('finds x_0 where the model knows it: %o', (config, options, mixture) => {
    const scheduler = createScheduler(config, options);
    const estimates = originalEstimates(config, options);
    for (let index = scheduler.begin; index < scheduler.timesteps.length; index++) {
      const level = mixture(scheduler, index);
      const output = exact(config.prediction_type, level);
      const found = estimates(tensor(mixed(level)), tensor(output), index - scheduler.begin + 1);
      expect(found.dims).toEqual(dims);
      expect(farthest(found.data, original)).toBeLessThan(1e-4);
    }
  });

  // With a model that always says the same noise, latents stay on the way between it and the picture: at every call they
  // are as noisy as is believed of them, also half way through a step.
  const drawing = ['DDPMScheduler', 'LCMScheduler', 'EulerAncestralDiscreteScheduler'];
  const deterministic = listed.filter(
    ([{ _class_name, prediction_type, algorithm_type }]) =>
      ['epsilon', 'flow_prediction'].includes(String(prediction_type)) &&
      !drawing.includes(String(_class_name)) &&
      algorithm_type === undefined,
  );
  it.each(deterministic)('finds the same x_0 all along a run: %o', (config, options) => {
    const scheduler = createScheduler(config, options);
    const estimates = originalEstimates(config, options);
    const output = config.prediction_type === 'epsilon' ? noise : original.map((x0, i) => noise[i]! - x0);
    let x = scheduler.addNoise(original, noise, scheduler.begin);
    for (let index = scheduler.begin; index < scheduler.timesteps.length; index++) {
      const { data } = estimates(tensor(x), tensor(output), index - scheduler.begin + 1);
      expect(farthest(data, original)).toBeLessThan(1e-3);
      x = scheduler.step(output, index, x);
    }
  });

  it('changes neither the latent nor the model output', () => {
    const [latent, output] = [original.slice(), noise.slice()];
    for (const prediction_type of all) {
      const estimates = originalEstimates({ _class_name: 'DDIMScheduler', prediction_type }, { steps: 5 });
      estimates(tensor(latent), tensor(output), 3);
    }
    expect([latent, output]).toEqual([original, noise]);
  });

  it.each([
    // Nothing of the picture is left at the first step, and the model says the noise.
    { _class_name: 'DDIMScheduler', rescale_betas_zero_snr: true, timestep_spacing: 'trailing' },
    { _class_name: 'FlowMatchEulerDiscreteScheduler', invert_sigmas: true },
  ])('gives the latent back where x_0 cannot be had: %o', config => {
    const { data } = originalEstimates(config, { steps: 5 })(tensor(original), tensor(noise), 1);
    expect(data).toEqual(original);
  });

  it('reads the velocity where nothing of the picture is left', () => {
    const config = {
      _class_name: 'DDIMScheduler',
      rescale_betas_zero_snr: true,
      timestep_spacing: 'trailing',
      prediction_type: 'v_prediction',
    };
    const v = original.map(x0 => -x0);
    expect(originalEstimates(config, { steps: 5 })(tensor(noise), tensor(v), 1).data).toEqual(original);
  });

  it.each([0, 1.5, 6])('refuses step %d of 5', step => {
    const estimates = originalEstimates({ _class_name: 'DDIMScheduler' }, { steps: 5 });
    expect(() => estimates(tensor(original), tensor(noise), step)).toThrow(`step ${step}, expected one of 1 to 5`);
  });

  it('refuses a model output of another shape', () => {
    const estimates = originalEstimates({ _class_name: 'DDIMScheduler' }, { steps: 5 });
    const other = { data: noise, dims: [2, 1, 4, 4] };
    expect(() => estimates(tensor(original), other, 1)).toThrow('a model output [2,1,4,4] for a latent [1,2,4,4]');
  });
});
