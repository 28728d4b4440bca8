import { expect, test } from 'vitest';
import { guide, rescaleGuidance } from './guidance.ts';

test('guidance goes on from the unconditional prediction through the conditional one', () => {
  expect(guide(Float32Array.of(1, 2), Float32Array.of(2, 0), 3)).toEqual(Float32Array.of(4, -4));
  expect(guide(Float32Array.of(1, 2), Float32Array.of(2, 0), 1)).toEqual(Float32Array.of(2, 0));
});

test('the rescale brings back the deviation of the conditional prediction, image by image', () => {
  const conditional = Float32Array.of(-1, 1, 0, 0, -3, 3, 0, 0);
  const guided = Float32Array.of(-4, 4, 0, 0, -3, 3, 0, 0);
  expect(rescaleGuidance(guided, conditional, 1, 2)).toEqual(Float32Array.of(-1, 1, 0, 0, -3, 3, 0, 0));
  expect(rescaleGuidance(guided, conditional, 0.5, 2)).toEqual(Float32Array.of(-2.5, 2.5, 0, 0, -3, 3, 0, 0));
  expect(rescaleGuidance(guided, conditional, 0, 2)).toEqual(guided);
});
