import { z } from 'zod';
import { seededNoise } from '../../../models/denoise.ts';
import { TorchGenerator } from '../../../models/noise.ts';
import { toPixels } from '../../../models/pixels.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { createScheduler } from '../../../models/schedulers/create.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { absoluteError, countDifferent, type Numbers, relativeError, worstSliceError } from '../difference.ts';
import type { GoldenPipeline } from '../golden-pipeline.ts';
import type { GoldenTensors } from '../golden-tensors.ts';
import type { Report } from '../report.ts';
import { encodePrompts, promptsOf, repeated } from './prompts.ts';

const seed = z.union([z.int(), z.string().regex(/^-?\d+$/)]);
const text = z.union([z.string(), z.array(z.string())]);

/** A call of diffusers' `StableDiffusionPipeline` or `StableDiffusionXLPipeline`. */
export const runSchema = z.looseObject({
  id: z.string(),
  file: z.string(),
  prompt: text,
  negative_prompt: text.nullable(),
  guidance_scale: z.number(),
  num_inference_steps: z.int(),
  /** One generator for all pictures, or a list with one for each. */
  seed: z.union([seed, z.array(seed)]),
  height: z.int(),
  width: z.int(),
  extra_call_args: z.record(z.string(), z.unknown()).default({}),
  step_timesteps: z.array(z.number()).optional(),
  scheduler_config: z.record(z.string(), z.unknown()),
});
export type PipelineRun = z.infer<typeof runSchema>;

const pair = z.tuple([z.int(), z.int()]).nullable().default(null);
const extraSchema = z.object({
  prompt_2: text.nullable().default(null),
  negative_prompt_2: text.nullable().default(null),
  original_size: pair,
  crops_coords_top_left: pair,
  target_size: pair,
  negative_original_size: pair,
  negative_crops_coords_top_left: pair,
  negative_target_size: pair,
  eta: z.number().default(0),
  guidance_rescale: z.number().default(0),
  clip_skip: z.int().nullable().default(null),
  num_images_per_prompt: z.int().min(1).default(1),
});

interface Subject extends GoldenPipeline {
  readonly run: PipelineRun;
  readonly golden: GoldenTensors;
  readonly report: Report;
  /** What the report calls it. */
  readonly name: string;
}

/** Compares one run at every stage for which there is data. @throws UnsupportedError naming an argument of the call */
export async function comparePipelineRun(subject: Subject): Promise<void> {
  const { run, pipeline, golden, report, name } = subject;
  const [unknown] = Object.keys(run.extra_call_args).filter(key => !Object.hasOwn(extraSchema.shape, key));
  if (unknown !== undefined) throw new UnsupportedError(`pipeline argument ${unknown}`);
  const extra = extraSchema.parse(run.extra_call_args);
  const prompts = [run.prompt].flat();
  const images = prompts.length * extra.num_images_per_prompt;
  const guided = run.guidance_scale > 1;

  const compared = { golden, report, name };
  const asked = promptsOf(run.prompt, extra.prompt_2, prompts.length, extra.clip_skip);
  const prompt = await encodePrompts(subject, asked, { ...compared, prefix: '' });
  // diffusers skips layers for the prompt alone.
  const avoided = promptsOf(run.negative_prompt, extra.negative_prompt_2, prompts.length, null);
  const negative = guided ? await encodePrompts(subject, avoided, { ...compared, prefix: 'negative_' }, prompt) : null;

  const draw = noiseOf(run);
  const noises: FloatTensor[] = [];
  const noise = (shape: readonly number[]): FloatTensor => {
    const drawn = draw(shape);
    noises.push(drawn);
    return drawn;
  };
  const steps: { timestep: number; latent: FloatTensor; modelOutput: FloatTensor }[] = [];
  const denoising = pipeline.denoise({
    ...repeated(prompt, extra.num_images_per_prompt),
    negative: negative && repeated(negative, extra.num_images_per_prompt),
    sizes: {
      originalSize: extra.original_size,
      cropTopLeft: extra.crops_coords_top_left,
      targetSize: extra.target_size,
      negativeOriginalSize: extra.negative_original_size,
      negativeCropTopLeft: extra.negative_crops_coords_top_left,
      negativeTargetSize: extra.negative_target_size,
    },
    seeds: new Array<number>(images).fill(0),
    noise,
    width: run.width,
    height: run.height,
    scheduler: run.scheduler_config,
    steps: run.num_inference_steps,
    guidanceScale: run.guidance_scale,
    guidanceRescale: extra.guidance_rescale,
    eta: extra.eta,
  });
  for await (const step of denoising) steps.push(step);

  const compare = (kind: string, tensor: string, error: (expected: Numbers) => number, tolerance: number) => {
    if (golden.has(tensor))
      report.compare(`pipeline ${kind}`, `${name} ${tensor}`, error(golden.get(tensor)), tolerance);
  };
  if (run.step_timesteps) {
    const { length } = run.step_timesteps;
    const expected = { data: run.step_timesteps, dims: [length] };
    const error = worstSliceError(
      { data: steps.map(({ timestep }) => timestep), dims: [steps.length] },
      expected,
      length,
    );
    report.compare('pipeline timesteps', name, error, run.step_timesteps.every(Number.isInteger) ? 0 : 1e-5);
  }
  const { initNoiseSigma } = createScheduler(run.scheduler_config, { steps: run.num_inference_steps });
  const initial = { data: noises[0]!.data.map(value => value * initNoiseSigma), dims: noises[0]!.dims };
  const final = steps.at(-1)!.latent;
  compare('first latents', 'initial_latents', expected => relativeError(initial, expected), 5e-6);
  const outputs = stack(steps.map(({ modelOutput }) => modelOutput));
  compare('model outputs', 'step_model_output', expected => worstSliceError(outputs, expected), 5e-4);
  const latents = stack(steps.map(({ latent }) => latent));
  compare('latents', 'step_latents', expected => worstSliceError(latents, expected), 1e-4);
  compare('latents', 'final_latents', expected => relativeError(final, expected), 1e-4);

  const decoded = await pipeline.decode(final);
  compare('image', 'image', expected => absoluteError(toUnitImage(decoded), expected), 1e-4);
  const pixels = toPixels(decoded);
  compare('image bytes, difference', 'image_u8', expected => absoluteError(pixels, expected), 1);
  compare('image bytes, share', 'image_u8', expected => countDifferent(pixels, expected) / pixels.data.length, 0.005);
  for (const tensor of golden.unread)
    report.skip(`tensor ${tensor} of a pipeline run`, 'pipeline runs', `${name} ${tensor}`);
}

/** With one generator the noise of all pictures is one draw; with a list each picture has its own. */
export function noiseOf({ seed: seeds }: Pick<PipelineRun, 'seed'>): (shape: readonly number[]) => FloatTensor {
  if (Array.isArray(seeds)) return seededNoise(seeds.map(each => BigInt(each)));
  const generator = new TorchGenerator(BigInt(seeds));
  return shape => generator.randn(shape);
}

/** `[steps, …dims]` */
function stack(tensors: readonly FloatTensor[]): FloatTensor {
  const size = tensors[0]!.data.length;
  const data = new Float32Array(tensors.length * size);
  for (const [i, tensor] of tensors.entries()) data.set(tensor.data, i * size);
  return { data, dims: [tensors.length, ...tensors[0]!.dims] };
}

/** `[batch, 3, height, width]` in -1..1 to `[batch, height, width, 3]` in 0..1, clamped: what diffusers calls `np`. */
function toUnitImage({ data, dims }: FloatTensor): Numbers {
  const [batch, channels, height, width] = dims as [number, number, number, number];
  const plane = height * width;
  const unit = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const item = Math.floor(i / (channels * plane));
    const channel = Math.floor(i / plane) % channels;
    unit[(item * plane + (i % plane)) * channels + channel] = Math.min(1, Math.max(0, data[i]! / 2 + 0.5));
  }
  return { data: unit, dims: [batch, height, width, channels] };
}
