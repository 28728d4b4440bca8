import { expect, it } from 'vitest';
import type { DenoiseStep } from '../models/denoise.ts';
import type { FloatTensor } from '../models/runtime.ts';
import type { DenoisePlan } from '../wire/plan.ts';
import { Previews } from './previews.ts';

const stage = {
  scheduler: { _class_name: 'DDIMScheduler', prediction_type: 'sample' },
  steps: 4,
  eta: 0,
} as unknown as DenoisePlan;
const tensor = (...numbers: number[]): FloatTensor => ({
  data: Float32Array.from(numbers),
  dims: [numbers.length, 1, 1, 1],
});
const at = (step: number): DenoiseStep => {
  return { step, steps: 4, latent: tensor(step, 0), modelOutput: tensor(10 * step, 0) } as unknown as DenoiseStep;
};

it('shows what the model sees in the first picture, not every step, and neither the first nor the last', () => {
  let now = 0;
  const previews = new Previews(
    stage,
    ({ data, dims }) => ({ data: Uint8Array.from(data), dims }),
    null,
    () => now,
  );
  expect(previews.of(at(1))).toBeNull();
  expect(previews.of(at(2))).toEqual({ data: Uint8Array.of(20), dims: [1, 1, 1, 1] });
  now = 199;
  expect(previews.of(at(3))).toBeNull();
  now = 1_000;
  expect(previews.of(at(4))).toBeNull();
});

it('shows the first step of a run that goes on', () => {
  const previews = new Previews(stage, ({ dims }) => ({ data: Uint8Array.of(1), dims }), tensor(0, 0));
  expect(previews.of(at(2))).not.toBeNull();
});
