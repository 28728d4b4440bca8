import { z } from 'zod';
import { seededNoise } from '../../../models/denoise.ts';
import { fromPixels } from '../../../models/pixels.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { createScheduler, schedulerClasses } from '../../../models/schedulers/create.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { type Numbers, relativeError, worstSliceError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import { type GoldenPipeline, openPipeline } from '../golden-pipeline.ts';
import type { GoldenTensors } from '../golden-tensors.ts';
import type { Report } from '../report.ts';
import { encodePrompts, promptsOf } from './prompts.ts';

const runSchema = z.looseObject({
  id: z.string(),
  scheduler_config: z.record(z.string(), z.unknown()),
  source: z.enum(['image', 'latent']),
  strength: z.number(),
  num_inference_steps: z.int(),
  guidance_scale: z.number(),
  prompt: z.string(),
  negative_prompt: z.string().nullable(),
  seed: z.union([z.int(), z.string().regex(/^-?\d+$/)]),
  step_timesteps: z.array(z.number()),
});
type Run = z.infer<typeof runSchema>;
const schema = z.looseObject({ checkpoint: z.string(), runs: z.array(runSchema) });
const tolerance = 1e-4;

/** The picture that every run of a file starts from, and its latent. */
interface Source {
  /** `[1, 3, height, width]` in -1..1. */
  readonly image: FloatTensor;
  readonly latent: FloatTensor;
}

/** Compares runs that start from a picture or a latent. */
export async function compareImageToImage(folder: GoldenFolder, report: Report): Promise<void> {
  for (const name of folder.list('img2img')) {
    const path = `img2img/${name}`;
    await report.attempt('image-to-image runs', path, async () => {
      const { checkpoint, runs } = folder.json(`${path}/index.json`, schema);
      const golden = folder.tensors(`${path}/runs.safetensors`);
      const opened = await openPipeline(folder, checkpoint);
      try {
        const source = { image: imageOf(golden.get('image_u8')), latent: golden.float('latent') };
        const { mean } = await opened.pipeline.encode(source.image);
        const error = relativeError(opened.pipeline.scaleLatent(mean), source.latent);
        report.compare('image-to-image latents', `${path} latent`, error, tolerance);
        for (const run of runs) {
          await report.attempt('image-to-image runs', `${path}/${run.id}`, () =>
            compareRun(run, source, opened, golden, report, path),
          );
        }
      } finally {
        await opened.pipeline.release();
      }
    });
  }
}

async function compareRun(
  run: Run,
  source: Source,
  opened: GoldenPipeline,
  golden: GoldenTensors,
  report: Report,
  path: string,
): Promise<void> {
  const { scheduler_config: scheduler, num_inference_steps: steps, strength } = run;
  const className = String(scheduler._class_name);
  if (!schedulerClasses.includes(className)) throw new UnsupportedError(`scheduler ${className}`);
  const { pipeline } = opened;
  const name = `${path}/${run.id}`;
  const embeds = { golden: null, report, name };
  const prompt = await encodePrompts(opened, promptsOf(run.prompt, null, 1, null), { ...embeds, prefix: '' });
  const avoided = promptsOf(run.negative_prompt, null, 1, null);
  const negative = await encodePrompts(opened, avoided, { ...embeds, prefix: 'negative_' }, prompt);

  const draw = seededNoise([BigInt(run.seed)]);
  const noises: FloatTensor[] = [];
  const noise = (shape: readonly number[]): FloatTensor => {
    const drawn = draw(shape);
    noises.push(drawn);
    return drawn;
  };
  const [, , height, width] = source.image.dims as [number, number, number, number];
  const denoising = pipeline.denoise({
    ...prompt,
    negative,
    seeds: [0],
    noise,
    width,
    height,
    start: { strength, ...(run.source === 'image' ? { image: source.image } : { latent: source.latent }) },
    scheduler,
    steps,
    guidanceScale: run.guidance_scale,
  });
  const latents: FloatTensor[] = [];
  const timesteps: number[] = [];
  for await (const { timestep, latent } of denoising) {
    timesteps.push(timestep);
    latents.push(latent);
  }

  const expected = { data: run.step_timesteps, dims: [run.step_timesteps.length] };
  const timestepError = worstSliceError({ data: timesteps, dims: [timesteps.length] }, expected, expected.data.length);
  report.compare('image-to-image timesteps', name, timestepError, expected.data.every(Number.isInteger) ? 0 : 1e-5);

  const original = run.source === 'image' ? await sampled(opened, source.image, noises.shift()!) : source.latent;
  const forward = createScheduler(scheduler, { steps, strength });
  // What the loop begins with is not among what it yields: it is made here once more.
  const started = { data: forward.addNoise(original.data, noises[0]!.data, forward.begin), dims: original.dims };
  for (const [tensor, actual] of [
    ['start_latents', started],
    ['first_step', latents[0]!],
    ['final_latents', latents.at(-1)!],
  ] as const) {
    const error = relativeError(actual, golden.get(`${run.id}.${tensor}`));
    report.compare('image-to-image latents', `${name} ${tensor}`, error, tolerance);
  }
}

async function sampled({ pipeline }: GoldenPipeline, image: FloatTensor, noise: FloatTensor): Promise<FloatTensor> {
  return pipeline.scaleLatent((await pipeline.encode(image)).sample(noise));
}

/** `[1, 3, height, width]` bytes as the encoder wants them. */
function imageOf({ data, dims }: Numbers): FloatTensor {
  const [batch, channels, height, width] = dims as [number, number, number, number];
  const plane = height * width;
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < channels; channel++) bytes[i * channels + channel] = data[channel * plane + i]!;
  }
  return fromPixels({ data: bytes, dims: [batch, height, width, channels] });
}
