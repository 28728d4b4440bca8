/**
 * Where the image is one number from a normal distribution, everything is known: what a perfect model says, and that
 * the probability flow takes a start of z standard deviations to an image of z standard deviations. Song et al.,
 * "Score-based generative modeling through stochastic differential equations", 2021, section 4.3.
 */
import { describe, expect, it } from 'vitest';
import { TorchGenerator } from '../noise.ts';
import { createScheduler, type SchedulerConfig } from './create.ts';
import { alphasCumprod } from './noise-schedule.ts';
import type { Scheduler } from './scheduler.ts';

const mean = 0.4;
const deviation = 0.5;
const betas = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
const cumprod = alphasCumprod(betas);
const size = 1024;
const normal = new TorchGenerator(1).randn([size]).data;

/** ᾱ at a timestep between two. */
function cumprodAt(t: number): number {
  const below = Math.floor(t);
  const log = (i: number) => Math.log(cumprod[Math.min(i, cumprod.length - 1)]!);
  return Math.exp(log(below) + (t - below) * (log(below + 1) - log(below)));
}

/** E[ε | x] of x = α x_0 + σ ε; or by name of the prediction type, E[x_0 | x] and E[v | x]. */
function perfect(type: string, x: number, t: number): number {
  const [alpha, sigma] = [Math.sqrt(cumprodAt(t)), Math.sqrt(1 - cumprodAt(t))];
  const surplus = (x - alpha * mean) / (alpha ** 2 * deviation ** 2 + sigma ** 2);
  const epsilon = sigma * surplus;
  const original = mean + alpha * deviation ** 2 * surplus;
  return { epsilon, sample: original, v_prediction: alpha * epsilon - sigma * original }[type]!;
}

/** @param starts z of each run, in standard deviations of what x is at the first timestep */
function run(scheduler: Scheduler, model: (x: number, t: number) => number, starts = normal): Float32Array {
  const generator = new TorchGenerator(2);
  const alpha = cumprodAt(scheduler.timesteps[0]!);
  const spread = Math.sqrt(alpha * deviation ** 2 + 1 - alpha);
  // With noise that grows without bound, x is in units of √ᾱ.
  const unit = scheduler.initNoiseSigma > 1 ? Math.sqrt(alpha) : 1;
  let x: Float32Array = starts.map(z => (Math.sqrt(alpha) * mean + spread * z) / unit);
  for (const [index, t] of scheduler.timesteps.entries()) {
    const output = scheduler.scaleModelInput(x, index).map(value => model(value, t));
    x = scheduler.step(output, index, x, () => generator.randn([size]).data);
  }
  return x;
}

/** How far images are from what their starts lead to: root mean square. */
function errorOf(x: Float32Array): number {
  return Math.sqrt(x.reduce((sum, value, i) => sum + (value - mean - deviation * normal[i]!) ** 2, 0) / x.length);
}

function moments(x: Float32Array): [mean: number, deviation: number] {
  const average = x.reduce((sum, value) => sum + value, 0) / x.length;
  return [average, Math.sqrt(x.reduce((sum, value) => sum + (value - average) ** 2, 0) / x.length)];
}

const trailing = { ...betas, timestep_spacing: 'trailing', clip_sample: false };
const deterministic: [string, number, SchedulerConfig][] = [
  ['DDIMScheduler', 0.035, { set_alpha_to_one: true }],
  ['PNDMScheduler', 0.025, { skip_prk_steps: true, set_alpha_to_one: true }],
  ['PNDMScheduler', 0.025, { set_alpha_to_one: true }],
  ['EulerDiscreteScheduler', 0.035, {}],
  ['EulerDiscreteScheduler', 0.035, { use_karras_sigmas: true }],
  ['HeunDiscreteScheduler', 0.02, { use_karras_sigmas: true }],
  ['DPMSolverMultistepScheduler', 0.035, { solver_order: 1 }],
  ['DPMSolverMultistepScheduler', 0.02, {}],
  ['DPMSolverMultistepScheduler', 0.001, { solver_order: 3, solver_type: 'heun', use_karras_sigmas: true }],
  ['DPMSolverMultistepScheduler', 0.02, { algorithm_type: 'dpmsolver', final_sigmas_type: 'sigma_min' }],
  ['UniPCMultistepScheduler', 0.02, {}],
  ['UniPCMultistepScheduler', 0.01, { solver_order: 3, solver_type: 'bh1', final_sigmas_type: 'sigma_min' }],
];

describe('a deterministic scheduler', () => {
  it.each(deterministic)('%s takes every start to its image, to %f: %o', (_class_name, tolerance, options) => {
    const types = _class_name === 'PNDMScheduler' ? ['epsilon', 'v_prediction'] : ['epsilon', 'sample', 'v_prediction'];
    for (const prediction_type of types) {
      const scheduler = createScheduler({ ...trailing, ...options, prediction_type, _class_name }, { steps: 50 });
      expect(scheduler.needsNoise).toBe(false);
      const x = run(scheduler, (value, t) => perfect(prediction_type, value, t));
      expect(errorOf(x), prediction_type).toBeLessThan(tolerance);
    }
  });

  it('of second order errs a quarter as much with twice the steps, one of first order half', () => {
    const error = (solver_order: number, steps: number) => {
      const config = { ...trailing, _class_name: 'DPMSolverMultistepScheduler', solver_order, use_karras_sigmas: true };
      const scheduler = createScheduler(config, { steps });
      const x = run(scheduler, (value, t) => perfect('epsilon', value, t));
      return errorOf(x);
    };
    expect(error(1, 40) / error(1, 20)).toBeGreaterThan(0.4);
    expect(error(2, 40) / error(2, 20)).toBeLessThan(0.4);
  });

  it('of first order is the same, whoever wrote it', () => {
    const images = [
      ['DDIMScheduler', { set_alpha_to_one: true }],
      ['EulerDiscreteScheduler', {}],
      ['DPMSolverMultistepScheduler', { solver_order: 1 }],
      ['UniPCMultistepScheduler', { solver_order: 1, disable_corrector: Array.from({ length: 50 }, (_, i) => i) }],
    ].map(([_class_name, options]) => {
      const scheduler = createScheduler({ ...trailing, ...(options as object), _class_name }, { steps: 50 });
      return run(scheduler, (value, t) => perfect('epsilon', value, t));
    });
    for (const image of images.slice(1)) {
      for (const i of [0, 1, 17, size - 1]) expect(image[i]).toBeCloseTo(images[0]![i]!, 5);
    }
  });

  it('of flow matching goes straight', () => {
    const scheduler = createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 }, { steps: 50 });
    // E[ε − x_0 | x] of x = (1 − σ) x_0 + σ ε
    const velocity = (x: number, t: number) => {
      const sigma = t / 1000;
      const surplus = (x - (1 - sigma) * mean) / ((1 - sigma) ** 2 * deviation ** 2 + sigma ** 2);
      return sigma * surplus - (mean + (1 - sigma) * deviation ** 2 * surplus);
    };
    const x = run(scheduler, velocity);
    expect(errorOf(x)).toBeLessThan(0.05);
  });
});

const stochastic: [string, SchedulerConfig][] = [
  ['DDPMScheduler', {}],
  ['DDPMScheduler', { variance_type: 'fixed_large' }],
  ['EulerAncestralDiscreteScheduler', {}],
  ['DPMSolverMultistepScheduler', { algorithm_type: 'sde-dpmsolver++' }],
  ['DPMSolverMultistepScheduler', { algorithm_type: 'sde-dpmsolver', final_sigmas_type: 'sigma_min' }],
];

describe('a stochastic scheduler', () => {
  it.each(stochastic)('%s ends in the distribution of the images: %o', (_class_name, options) => {
    const scheduler = createScheduler({ ...trailing, ...options, _class_name }, { steps: 100 });
    expect(scheduler.needsNoise).toBe(true);
    const [average, spread] = moments(run(scheduler, (value, t) => perfect('epsilon', value, t)));
    expect(average).toBeCloseTo(mean, 1);
    expect(Math.abs(spread - deviation)).toBeLessThan(0.06);
  });

  it('LCMScheduler does so in a few steps with a consistency model', () => {
    const scheduler = createScheduler(
      { ...betas, _class_name: 'LCMScheduler', prediction_type: 'sample' },
      { steps: 4 },
    );
    // The end of the probability flow through x, at once.
    const consistent = (x: number, t: number) => {
      const alpha = cumprodAt(t);
      return mean + (deviation * (x - Math.sqrt(alpha) * mean)) / Math.sqrt(alpha * deviation ** 2 + 1 - alpha);
    };
    const [average, spread] = moments(run(scheduler, consistent));
    expect(average).toBeCloseTo(mean, 1);
    expect(spread).toBeCloseTo(deviation, 1);
  });
});
