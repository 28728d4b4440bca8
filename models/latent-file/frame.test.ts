import { expect, it } from 'vitest';
import { angleCount, anglesOf, frameOf } from './frame.ts';
import { principalAxes } from './principal-axes.ts';
import { noiseLatent } from './test-latents.ts';

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

it.each([1, 2, 3, 8, 16, 64])('keeps axes of %i channels in angles: orthonormal, and nearly the same', channels => {
  const axes = principalAxes(noiseLatent(channels, [channels, 9, 20]).data, channels);
  const frame = frameOf(anglesOf(axes, 10), channels, channels, 10);
  for (let i = 0; i < channels; i++) {
    for (let j = 0; j < channels; j++) expect(dot(frame[i]!, frame[j]!)).toBeCloseTo(i === j ? 1 : 0, 9);
    expect(Math.abs(dot(frame[i]!, axes[i]!))).toBeGreaterThan(0.999);
  }
});

it('needs the first angles only for the first axes', () => {
  const axes = principalAxes(noiseLatent(1, [8, 9, 9]).data, 8);
  const angles = anglesOf(axes, 6);
  expect(angles.length).toBe(angleCount(8, 8));
  const all = frameOf(angles, 8, 8, 6);
  for (let rank = 0; rank <= 8; rank++) {
    expect(frameOf(angles.slice(0, angleCount(8, rank)), 8, rank, 6)).toEqual(all.slice(0, rank));
  }
});
