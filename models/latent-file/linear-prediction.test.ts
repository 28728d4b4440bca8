import { expect, it } from 'vitest';
import { LinearPrediction } from './linear-prediction.ts';
import { uniform } from './test-latents.ts';

it('learns what is linear', () => {
  const next = uniform(1);
  const wanted = [0.5, -2, 3];
  const linear = new LinearPrediction([0, 0, 0], [1, 1, 1], 0.998);
  for (let i = 0; i < 400; i++) {
    const features = Float64Array.from([next() - 0.5, next() * 20, 1]);
    const value = wanted.reduce((sum, weight, j) => sum + weight * features[j]!, 0);
    linear.learn(features, value - linear.predict(features));
  }
  for (const [i, weight] of wanted.entries()) expect(linear.weights[i]).toBeCloseTo(weight, 1);
});

it('stays a number where nothing changes for long, and where features are huge', () => {
  const linear = new LinearPrediction([1, 0, 0], [0.1, 0.1, 0.1], 0.998);
  for (let i = 0; i < 300_000; i++) linear.learn(Float64Array.from([1, 0, 1]), 0.01);
  expect(linear.predict(Float64Array.from([1, 1, 1]))).toBeLessThan(1e4);
  linear.learn(Float64Array.from([1e9, -1e9, 1]), 1e9);
  linear.learn(Float64Array.from([Number.NaN, 1, 1]), 1);
  expect(linear.predict(Float64Array.from([1, 1, 1]))).toBe(1);
});
