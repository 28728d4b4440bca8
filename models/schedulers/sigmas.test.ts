import { describe, expect, it } from 'vitest';
import { betaSigmas } from './beta.ts';
import { exponentialSigmas } from './exponential.ts';
import { float32Log } from './float32-log.ts';
import { karrasSigmas } from './karras.ts';
import { alphasCumprod } from './noise-schedule.ts';
import { interpolateSigmas, sigmaSpacing, timestepsOf, trainingSigmas } from './sigmas.ts';

const trained = trainingSigmas(alphasCumprod({ beta_schedule: 'scaled_linear' }));

describe.each([
  ['Karras', karrasSigmas],
  ['exponential', exponentialSigmas],
  ['beta', betaSigmas],
])('%s noise levels', (_, spacing) => {
  it('descend from the most to the least', () => {
    const sigmas = spacing(14.6, 0.03, 20);
    expect(sigmas).toHaveLength(20);
    expect(sigmas[0]).toBeCloseTo(14.6, 10);
    expect(sigmas.at(-1)).toBeCloseTo(0.03, 10);
    expect(sigmas).toEqual([...sigmas].sort((a, b) => b - a));
  });

  it('begin with the most where there is only one', () => {
    expect(spacing(14.6, 0.03, 1)[0]).toBeCloseTo(14.6, 10);
  });
});

describe('noise levels', () => {
  it('are even in σ^(1/7), in log σ, and by quantiles that are symmetric', () => {
    const seventh = karrasSigmas(14.6, 0.03, 5).map(sigma => sigma ** (1 / 7));
    const log = exponentialSigmas(14.6, 0.03, 5).map(Math.log);
    for (const list of [seventh, log]) {
      const steps = list.slice(1).map((value, i) => value - list[i]!);
      for (const step of steps) expect(step).toBeCloseTo(steps[0]!, 10);
    }
    const beta = betaSigmas(1, 0, 5);
    expect(beta[2]).toBeCloseTo(0.5, 12);
    expect(beta[1]! + beta[3]!).toBeCloseTo(1, 12);
  });

  it('have the timestep they were taken at', () => {
    const timesteps = [999, 500, 123.5, 1, 0];
    for (const [i, t] of timestepsOf(interpolateSigmas(timesteps, trained), trained).entries()) {
      expect(Math.abs(t - timesteps[i]!)).toBeLessThan(0.01);
    }
  });

  it('stay what they are beyond both ends', () => {
    expect(interpolateSigmas([1200, -3], trained)).toEqual([trained.at(-1), trained[0]]);
    expect(timestepsOf([1e6, 1e-6], trained)).toEqual([999, 0]);
  });

  it('are spaced in one way, between the config’s limits', () => {
    expect(sigmaSpacing({})).toBeNull();
    const spacing = sigmaSpacing({ use_exponential_sigmas: true, sigma_max: 8, sigma_min: 2 });
    expect(spacing?.(14, 0.1, 3).map(sigma => Math.round(sigma))).toEqual([8, 4, 2]);
    expect(() => sigmaSpacing({ use_karras_sigmas: true, use_beta_sigmas: true })).toThrow(
      'scheduler options use_karras_sigmas with use_beta_sigmas is not supported',
    );
  });
});

it('log of a float32 is right but for its last bits', () => {
  for (const x of [1e-20, 0.02, 0.7, 1, 1.5, 14.6, 4096, 1e30].map(Math.fround)) {
    expect(Math.abs(float32Log(x) - Math.log(x))).toBeLessThanOrEqual(3e-7 * Math.max(Math.abs(Math.log(x)), 0.5));
  }
  expect([float32Log(0), float32Log(Number.POSITIVE_INFINITY)]).toEqual([-Infinity, Infinity]);
});
