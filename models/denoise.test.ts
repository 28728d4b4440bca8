import { expect, test } from 'vitest';
import type { Conditioning } from './conditioning.ts';
import { type DenoiseOptions, type DenoiseStep, denoise, seededNoise } from './denoise.ts';
import { ModelError } from './model-error.ts';
import { TorchGenerator } from './noise.ts';
import { ParameterError } from './parameter-error.ts';
import type { FloatTensor } from './runtime.ts';
import type { UNet } from './unet.ts';

type Predict = (sample: FloatTensor, timesteps: readonly number[], context: FloatTensor) => Float32Array;

/** A UNet that computes `predict`, and remembers what it was asked. */
function fakeUNet(predict: Predict) {
  const calls: { sample: FloatTensor; timesteps: readonly number[]; context: FloatTensor }[] = [];
  const unet = {
    async predict(sample: FloatTensor, timesteps: readonly number[], { promptEmbeds: context }: Conditioning) {
      calls.push({ sample, timesteps, context });
      return { data: predict(sample, timesteps, context), dims: sample.dims };
    },
  };
  return { unet: unet as unknown as UNet, calls };
}

const embeds = (...values: number[]): FloatTensor => ({ data: Float32Array.from(values), dims: [values.length, 1, 1] });
const options: DenoiseOptions = {
  promptEmbeds: embeds(1),
  negative: { promptEmbeds: embeds(0) },
  seeds: [7],
  width: 8,
  height: 8,
  scheduler: { _class_name: 'DDIMScheduler', clip_sample: false },
  steps: 3,
  guidanceScale: 2,
};
const shape = [2, 2, 2] as const;
/** As many values for every item of the batch as a latent has. */
const perItem = (context: FloatTensor, value: (context: number) => number) =>
  Float32Array.from([...context.data].flatMap(item => new Array<number>(8).fill(value(item))));

async function all(steps: AsyncGenerator<DenoiseStep>): Promise<DenoiseStep[]> {
  const list: DenoiseStep[] = [];
  for await (const step of steps) list.push(step);
  return list;
}

test('yields every step, the unconditional half first', async () => {
  const { unet, calls } = fakeUNet((_, __, context) => perItem(context, value => value / 10));
  const steps = await all(denoise(unet, shape, options));
  expect(steps.map(({ step, steps: of }) => [step, of])).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  expect(steps.map(({ timestep }) => timestep)).toEqual(calls.map(({ timesteps }) => timesteps[0]));
  expect(calls[0]!.context).toEqual({ data: Float32Array.of(0, 1), dims: [2, 1, 1] });
  expect(calls[0]!.sample.dims).toEqual([2, 2, 2, 2]);
  expect(calls[0]!.timesteps).toHaveLength(2);
  // 0 + 2 (0.1 - 0)
  expect(steps[0]!.modelOutput.data[0]).toBeCloseTo(0.2, 6);
});

test('starts from the noise of each seed, alone', async () => {
  const { unet, calls } = fakeUNet((_, __, context) => perItem(context, () => 0));
  await all(denoise(unet, shape, { ...options, seeds: [7, 8n], guidanceScale: 1, imagesPerCall: 2 }));
  const noise = [7, 8].flatMap(seed => [...new TorchGenerator(seed).randn([1, ...shape]).data]);
  expect([...calls[0]!.sample.data]).toEqual(noise);
});

test('without guidance the UNet sees each latent once, and no negative prompt is needed', async () => {
  const { unet, calls } = fakeUNet((_, __, context) => perItem(context, value => value / 10));
  await all(denoise(unet, shape, { ...options, negative: null, guidanceScale: 1 }));
  expect(calls[0]!.sample.dims).toEqual([1, ...shape]);
  const missing = all(denoise(unet, shape, { ...options, negative: null }));
  await expect(missing).rejects.toThrow(RangeError);
});

test.each([1, 2, 3])('images come out the same with %d in a call of the UNet', async imagesPerCall => {
  const { unet, calls } = fakeUNet((sample, _, context) => {
    const size = sample.data.length / context.data.length;
    return sample.data.map((x, i) => 0.3 * x + 0.1 * context.data[Math.floor(i / size)]!);
  });
  const promptEmbeds = embeds(1, 2, 3);
  const together = await all(
    denoise(unet, shape, { ...options, promptEmbeds, seeds: [1, 2, 3], eta: 0.5, imagesPerCall }),
  );
  expect(calls).toHaveLength(3 * Math.ceil(3 / imagesPerCall));
  for (const [i, seed] of [1, 2, 3].entries()) {
    const alone = await all(denoise(unet, shape, { ...options, promptEmbeds: embeds(i + 1), seeds: [seed], eta: 0.5 }));
    expect(together.at(-1)!.latent.data.subarray(8 * i, 8 * i + 8)).toEqual(alone.at(-1)!.latent.data);
  }
});

test('an aborted signal stops it before the next call of the UNet', async () => {
  const { unet, calls } = fakeUNet((_, __, context) => perItem(context, () => 0));
  const controller = new AbortController();
  const steps = denoise(unet, shape, { ...options, signal: controller.signal });
  await steps.next();
  controller.abort(new Error('enough'));
  await expect(steps.next()).rejects.toThrow('enough');
  expect(calls).toHaveLength(1);
});

test('a guided prediction that is not finite is an error', async () => {
  const { unet } = fakeUNet((_, __, context) => perItem(context, value => (value - 0.5) * 3e38));
  await expect(all(denoise(unet, shape, { ...options, guidanceScale: 10 }))).rejects.toThrow(ModelError);
});

test.each<[string, Partial<DenoiseOptions>]>([
  ['no seeds', { seeds: [] }],
  ['two prompts for one image', { promptEmbeds: embeds(1, 2) }],
  [
    'a negative prompt of another width',
    { negative: { promptEmbeds: { data: new Float32Array(2), dims: [1, 1, 2] } } },
  ],
  ['no steps', { steps: 0 }],
])('refuses %s', async (_, change) => {
  const { unet } = fakeUNet((__, ___, context) => perItem(context, () => 0));
  await expect(all(denoise(unet, shape, { ...options, ...change }))).rejects.toThrow(RangeError);
});

test.each<[string, Partial<DenoiseOptions>]>([
  ['a run that draws noise', { eta: 0.5 }],
  ['a run from an image', { start: { strength: 1, original: draw => draw() } }],
  ['a run at its end', { steps: 1 }],
  ['a run of another size', { seeds: [1, 2], promptEmbeds: embeds(1) }],
])('does not resume %s', async (_, change) => {
  const { unet, calls } = fakeUNet((__, ___, context) => perItem(context, () => 0));
  const resume = { step: 1, latent: { data: new Float32Array(8), dims: [1, ...shape] }, state: {} };
  await expect(all(denoise(unet, shape, { ...options, resume, ...change }))).rejects.toThrow(ParameterError);
  expect(calls).toHaveLength(0);
});

const halved = ({ data, dims }: FloatTensor) => ({ data: data.map(x => x / 2), dims });
const interruptible: [string, Partial<DenoiseOptions>][] = [
  ['DDIM', {}],
  ['DDIM that draws noise', { eta: 0.7 }],
  ['ancestral Euler', { scheduler: { _class_name: 'EulerAncestralDiscreteScheduler' } }],
  ['a solver with a history', { scheduler: { _class_name: 'DPMSolverMultistepScheduler', solver_order: 3 } }],
  [
    'a solver that draws noise',
    { scheduler: { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++' } },
  ],
  ['PNDM in the middle of its Runge-Kutta start', { scheduler: { _class_name: 'PNDMScheduler' } }],
  ['Heun between its two halves', { scheduler: { _class_name: 'HeunDiscreteScheduler' } }],
  ['LCM', { scheduler: { _class_name: 'LCMScheduler' } }],
  ['a run from an image that it samples', { eta: 0.3, start: { strength: 0.6, original: draw => halved(draw()) } }],
];
test.each(interruptible)('%s goes on where it was interrupted, to the same bytes', async (_, change) => {
  const { unet } = fakeUNet(({ data }, [t = 0]) => data.map(value => Math.sin(value + t / 1000)));
  const whole = { ...options, steps: 10, seeds: [3, 4], ...change };
  const unbroken = await all(denoise(unet, shape, whole));
  const { steps } = unbroken[0]!;
  for (const { step, latent, schedulerState: state, draws } of unbroken.slice(0, -1)) {
    const rest = await all(denoise(unet, shape, { ...whole, resume: { step, latent, state, draws } }));
    expect(rest[0]).toMatchObject({ step: step + 1, steps });
    expect(rest.map(each => each.latent)).toEqual(unbroken.slice(step).map(each => each.latent));
    expect(rest.at(-1)!.draws).toBe(unbroken.at(-1)!.draws);
  }
});

test('does not draw more noise than a run can have drawn', async () => {
  const { unet } = fakeUNet((_, __, context) => perItem(context, () => 0));
  const latent = { data: new Float32Array(8), dims: [1, ...shape] };
  const go = (draws: number) =>
    all(denoise(unet, shape, { ...options, resume: { step: 1, latent, state: {}, draws } }));
  await expect(go(1e9)).rejects.toThrow('resumed after 1000000000 draws of noise, expected 1 to 3');
  await expect(go(0)).rejects.toThrow('expected 1 to 3');
});

test('does not resume from what another scheduler remembers', async () => {
  const { unet } = fakeUNet((_, __, context) => perItem(context, () => 0));
  const latent = { data: new Float32Array(8), dims: [1, ...shape] };
  const go = (state: Record<string, Float32Array>) => {
    const scheduler = { _class_name: 'DPMSolverMultistepScheduler' };
    return all(denoise(unet, shape, { ...options, scheduler, resume: { step: 1, latent, state } }));
  };
  await expect(go({})).rejects.toThrow('step 1 follows 0 known steps');
  await expect(go({ output_0: new Float32Array(7) })).rejects.toThrow('resumed with output_0 of 7 numbers, expected 8');
});

test('noise is drawn anew each time', () => {
  const draw = seededNoise([1]);
  expect(draw([1, 4]).data).not.toEqual(draw([1, 4]).data);
  expect(() => draw([2, 4])).toThrow(RangeError);
});
