import { describe, expect, it } from 'vitest';
import { createScheduler } from './create.ts';

const x = Float32Array.from([0.5, -1, 2, 0.25]);
const plain = { _class_name: 'DDIMScheduler', clip_sample: false };

describe('DdimScheduler', () => {
  it('comes back to the image when the model knows the noise', () => {
    const image = Float32Array.from([0.3, -0.7, 0.1, 0.9]);
    const noise = Float32Array.from([1.2, -0.4, 0.05, -2]);
    const scheduler = createScheduler(plain, { steps: 10 });
    // ᾱ of the first timestep, from the definition.
    const alpha = Array.from({ length: scheduler.timesteps[0]! + 1 }, (_, i) => 1 - (0.0001 + (i * 0.0199) / 999));
    const alphaBar = alpha.reduce((product, a) => product * a, 1);
    let latent: Float32Array = image.map((x0, i) => Math.sqrt(alphaBar) * x0 + Math.sqrt(1 - alphaBar) * noise[i]!);
    for (const index of scheduler.timesteps.keys()) latent = scheduler.step(noise, index, latent);
    for (const [i, value] of latent.entries()) expect(value).toBeCloseTo(image[i]!, 4);
  });

  it('is deterministic without eta and never asks for noise', () => {
    const scheduler = createScheduler(plain, { steps: 5 });
    expect(scheduler.needsNoise).toBe(false);
    const noise = () => expect.unreachable('no noise wanted');
    expect(scheduler.step(x, 0, x, noise)).toEqual(scheduler.step(x, 0, x, noise));
  });

  it('asks for noise once a step with eta, and says when there is none', () => {
    const scheduler = createScheduler(plain, { steps: 5, eta: 1 });
    expect(scheduler.needsNoise).toBe(true);
    let draws = 0;
    const draw = () => {
      draws++;
      return new Float32Array(x.length).fill(1);
    };
    expect(scheduler.step(x, 0, x, draw)).not.toEqual(scheduler.step(x, 0, x, () => new Float32Array(x.length)));
    expect(draws).toBe(1);
    expect(() => scheduler.step(x, 0, x)).toThrow('noise of undefined numbers, expected 4');
  });

  it('changes neither the latent nor the model output', () => {
    const scheduler = createScheduler({ ...plain, clip_sample: true, prediction_type: 'sample' }, { steps: 5 });
    const [latent, output] = [x.slice(), x.slice()];
    scheduler.step(output, 0, latent);
    expect([latent, output]).toEqual([x, x]);
  });

  it('thresholds each image of a batch by its own values', () => {
    const config = { ...plain, prediction_type: 'sample', thresholding: true, sample_max_value: 10 };
    const loud = x.map(value => value * 4);
    const alone = createScheduler(config, { steps: 5 }).step(x, 4, x);
    const both = createScheduler(config, { steps: 5, images: 2 });
    const batch = both.step(Float32Array.from([...x, ...loud]), 4, Float32Array.from([...x, ...loud]));
    expect(batch.slice(0, 4)).toEqual(alone);
  });

  it('leaves nothing of the image at the last timestep of a zero-SNR schedule', () => {
    const config = {
      ...plain,
      rescale_betas_zero_snr: true,
      timestep_spacing: 'trailing',
      prediction_type: 'v_prediction',
    };
    const scheduler = createScheduler(config, { steps: 1 });
    // ᾱ = 0: the image is -v, whatever the latent holds.
    expect(scheduler.step(x, 0, new Float32Array(4).fill(7))).toEqual(x.map(v => -v));
  });

  it.each([
    [
      { _class_name: 'LMSDiscreteScheduler' },
      'scheduler LMSDiscreteScheduler is not supported, expected DDIMScheduler',
    ],
    [{ _class_name: 'constructor' }, 'scheduler constructor is not supported'],
    [{}, 'scheduler undefined is not supported'],
    [{ ...plain, beta_schedule: 'sigmoid' }, 'scheduler option beta_schedule "sigmoid" is not supported'],
    [{ ...plain, prediction_type: 'flow_prediction' }, 'scheduler option prediction_type "flow_prediction"'],
    [{ ...plain, trained_betas: [0.1, 0.2] }, 'trained_betas of 2 numbers is not supported, expected 1000'],
    [{ ...plain, num_train_timesteps: 'many' }, 'num_train_timesteps "many" is not supported, expected a number'],
  ])('names what it does not support: %o', (config, message) => {
    expect(() => createScheduler(config, { steps: 5 })).toThrow(message);
  });

  it('refuses a step or a size that does not fit', () => {
    const scheduler = createScheduler(plain, { steps: 5 });
    expect(() => scheduler.step(x, 5, x)).toThrow('step 5, expected one of 5');
    expect(() => scheduler.step(x.subarray(1), 0, x)).toThrow('model output of 3 numbers for a latent of 4');
    expect(() => createScheduler(plain, { steps: 5, eta: 2 })).toThrow('eta is 2');
  });
});
