import { z } from 'zod';
import type { DenoiseStep } from '../../../models/denoise.ts';
import { visitedBy } from '../../../models/denoise.ts';
import { fromPixels } from '../../../models/pixels.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { createScheduler } from '../../../models/schedulers/create.ts';
import { type Numbers, relativeError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import { type GoldenPipeline, openPipeline } from '../golden-pipeline.ts';
import type { GoldenTensors } from '../golden-tensors.ts';
import type { Report } from '../report.ts';
import { argumentsOf, callSchema, noiseOf, sizesOf, tiled } from './call.ts';
import { encodeRunPrompts } from './run-prompts.ts';
import { compareRunTensors, compareTimesteps } from './run-tensors.ts';

/** A call of diffusers' `StableDiffusionImg2ImgPipeline` or `StableDiffusionXLImg2ImgPipeline`. */
const runSchema = callSchema.extend({ source: z.enum(['image', 'latent']), strength: z.number() });
type Run = z.infer<typeof runSchema>;
const schema = z.looseObject({ checkpoint: z.string(), runs: z.array(runSchema) });
const tolerance = 1e-4;

/** The pictures that every run of a file starts from, and their latents. */
interface Source {
  /** `[pictures, 3, height, width]` in -1..1. */
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
        const { mean } = await opened.pipeline.autoencoder.encode(source.image);
        const error = relativeError(opened.pipeline.scaleLatent(mean), source.latent);
        report.compare('image-to-image latents', `${path} latent`, error, tolerance);
        for (const run of runs) {
          await report.attempt('image-to-image runs', `${path}/${run.id}`, () =>
            compareRun(run, source, opened, golden, report, `${path}/${run.id}`),
          );
        }
        for (const tensor of golden.unread) {
          report.skip(`tensor ${tensor} of an image-to-image run`, 'image-to-image runs', `${path} ${tensor}`);
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
  name: string,
): Promise<void> {
  const { pipeline } = opened;
  const { scheduler_config: scheduler, strength } = run;
  const given = argumentsOf(run);
  const compared = { golden, report, name, prefix: `${run.id}.`, kind: 'image-to-image', initialTolerance: tolerance };
  const { prompt, negative, images } = await encodeRunPrompts(opened, run, given, compared);

  const image = fitted(source.image, pipeline.autoencoder.config.scale);
  const encoded = run.source === 'image' ? image.dims[0]! : null;
  const { draw, drawn } = noiseOf(run, encoded);
  const [, , height, width] = image.dims as [number, number, number, number];
  const posterior = encoded === null ? null : await pipeline.encode(tiled(image, images));
  const latent = tiled(source.latent, images);
  const { timesteps, sigmas } = given;
  const visited = { steps: run.num_inference_steps ?? 0, timesteps, sigmas };
  const denoising = pipeline.denoise({
    ...prompt,
    negative,
    sizes: sizesOf(given),
    seeds: new Array<number>(images).fill(0),
    noise: draw,
    width,
    height,
    start: { strength, ...(posterior ? { posterior } : { latent }) },
    scheduler,
    ...visited,
    guidanceScale: run.guidance_scale,
    guidanceRescale: given.guidance_rescale,
    eta: given.eta,
  });
  const steps: DenoiseStep[] = [];
  for await (const step of denoising) steps.push(step);

  // What the loop begins with is not among what it yields: it is made here once more.
  const [sampling, noise] = (posterior ? drawn : [null, ...drawn]) as [FloatTensor, FloatTensor];
  const original = posterior ? pipeline.scaleLatent(posterior.sample(sampling)) : latent;
  const forward = createScheduler(scheduler, { ...visitedBy(visited), strength });
  const initial = { data: forward.addNoise(original.data, noise.data, forward.begin), dims: original.dims };
  const result = { initial, steps };
  if (run.step_timesteps) compareTimesteps(result, run.step_timesteps, compared);
  await compareRunTensors(pipeline, result, compared);
}

/** `[pictures, 3, height, width]` bytes as the encoder wants them. */
function imageOf({ data, dims }: Numbers): FloatTensor {
  const [batch, channels, height, width] = dims as [number, number, number, number];
  const plane = height * width;
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [item, channel] = [Math.floor(i / (channels * plane)), Math.floor(i / plane) % channels];
    bytes[(item * plane + (i % plane)) * channels + channel] = data[i]!;
  }
  return fromPixels({ data: bytes, dims: [batch, height, width, channels] });
}

/** With sides that are multiples of `scale`, as diffusers fits tensors: the nearest pixels above and to the left. */
function fitted(image: FloatTensor, scale: number): FloatTensor {
  const [batch, channels, rows, columns] = image.dims as [number, number, number, number];
  const [height, width] = [rows - (rows % scale), columns - (columns % scale)];
  if (height === rows && width === columns) return image;
  const data = new Float32Array(batch * channels * height * width);
  for (let i = 0; i < data.length; i++) {
    const plane = Math.floor(i / (height * width));
    const row = Math.floor((Math.floor(i / width) % height) * Math.fround(rows / height));
    const column = Math.floor((i % width) * Math.fround(columns / width));
    data[i] = image.data[(plane * rows + Math.min(row, rows - 1)) * columns + Math.min(column, columns - 1)]!;
  }
  return { data, dims: [batch, channels, height, width] };
}
