import type { Conditioning } from './conditioning.ts';
import { conditioningGroups } from './conditioning-groups.ts';
import { guide, rescaleGuidance } from './guidance.ts';
import { expectFinite } from './model-error.ts';
import { TorchGenerator } from './noise.ts';
import { ParameterError } from './parameter-error.ts';
import { joined, repeatRow } from './rows.ts';
import type { FloatTensor } from './runtime.ts';
import { createScheduler } from './schedulers/create.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './schedulers/scheduler.ts';
import type { UNet } from './unet.ts';

/** Draws standard normal noise of the shape of all latents, `[images, channels, height/8, width/8] float32`. */
export type NoiseSource = (shape: readonly number[]) => FloatTensor;

/** What a run starts from instead of from noise alone: image to image (Meng et al. 2022, https://arxiv.org/abs/2108.01073). */
export interface Start {
  /** How much is done anew, above 0 to 1: the last ⌊steps × strength⌋ steps. */
  readonly strength: number;
  /**
   * x_0 as the UNet knows it, `[1 or images, channels, height/8, width/8] float32`. Given is what draws noise of the
   * shape of all latents: what is drawn here is drawn before any other noise, as in diffusers.
   */
  readonly original: (draw: () => FloatTensor) => FloatTensor;
}

/** Where a run of the same scheduler, steps and size has come: its first calls of the UNet are not made again. */
export interface Resume {
  /** How many calls it has made, from 1. */
  readonly step: number;
  /** x_t after them, `[images, channels, height/8, width/8] float32`. */
  readonly latent: FloatTensor;
  /** What its scheduler remembers of them. */
  readonly state: SchedulerState;
  /**
   * How often it had drawn noise by then, where it is this very run that was interrupted: the generators are brought to
   * where they were, and it ends in the same bytes. Absent for another run: then nothing may be drawn, nor may there be a
   * start, for what the first calls drew is not known.
   */
  readonly draws?: number | null;
}

/** The prompt's own conditioning, in one row for all images or one for each, and how to follow it. */
export interface DenoiseOptions extends Conditioning {
  /** The same for the negative prompt. Not needed without guidance. */
  readonly negative?: Conditioning | null;
  /** One picture each: each has a generator of its own, for its first noise and for what the scheduler adds. */
  readonly seeds: readonly (number | bigint)[];
  /** Instead of the seeds' generators. */
  readonly noise?: NoiseSource;
  readonly width: number;
  readonly height: number;
  readonly start?: Start | null;
  readonly resume?: Resume | null;
  /** A full diffusers scheduler config, `_class_name` included. */
  readonly scheduler: Readonly<Record<string, unknown>>;
  readonly steps: number;
  /** Instead of the steps: the timesteps themselves, or the noise levels, where the scheduler takes them. */
  readonly timesteps?: readonly number[] | null;
  readonly sigmas?: readonly number[] | null;
  /** s of classifier-free guidance: at 1 and below there is none, as in diffusers. */
  readonly guidanceScale: number;
  /** φ of the guidance rescale, 0 to 1. */
  readonly guidanceRescale?: number;
  /** η of DDIM, 0 to 1. */
  readonly eta?: number;
  /**
   * How many images share a call of the UNet. Default 1: an image then comes out the same to the byte whichever others
   * are made beside it, and memory does not grow with them. A GPU is faster with more.
   */
  readonly imagesPerCall?: number;
  readonly signal?: AbortSignal;
}

export interface DenoiseStep {
  /** 1 after the first call of the UNet. */
  readonly step: number;
  /**
   * How many calls there will be: more than the steps asked for with schedulers that need two for one, fewer where the
   * run starts from an image. Those of a run that was resumed count.
   */
  readonly steps: number;
  /** What the UNet was told at this step. */
  readonly timestep: number;
  /** x_{t-1}, `[images, channels, height/8, width/8] float32`. */
  readonly latent: FloatTensor;
  /** What went into the scheduler, after guidance; of the latent's shape. */
  readonly modelOutput: FloatTensor;
  /** What the scheduler needs beside the latent to go on from here: with both, another run can `resume`. */
  readonly schedulerState: SchedulerState;
  /** How often noise was drawn so far, for a run that is interrupted here and goes on. */
  readonly draws: number;
}

/**
 * Every image's noise from a generator of its own, as diffusers draws with a list of generators: an image is the same
 * whichever others are made beside it.
 */
export function seededNoise(seeds: readonly (number | bigint)[]): NoiseSource {
  const generators = seeds.map(seed => new TorchGenerator(seed));
  return ([images, ...dims]) => {
    if (images !== generators.length) throw new ParameterError(`${generators.length} seeds for ${images} images`);
    const draws = generators.map(generator => generator.randn([1, ...dims]).data);
    const size = draws[0]?.length ?? 0;
    const data = new Float32Array(images * size);
    for (const [i, draw] of draws.entries()) data.set(draw, i * size);
    return { data, dims: [images, ...dims] };
  };
}

/** What a run visits, as its scheduler is told. */
export function visitedBy({
  steps,
  timesteps,
  sigmas,
}: Pick<DenoiseOptions, 'steps' | 'timesteps' | 'sigmas'>): Pick<SchedulerOptions, 'steps' | 'timesteps' | 'sigmas'> {
  if (timesteps) return { timesteps };
  return sigmas ? { sigmas } : { steps };
}

/**
 * The reverse process, from noise to a latent. See `StableDiffusionPipeline.denoise`.
 * @param latentShape `[channels, height/8, width/8]`
 */
export async function* denoise(
  unet: UNet,
  latentShape: readonly [number, number, number],
  options: DenoiseOptions,
): AsyncGenerator<DenoiseStep, void, void> {
  const { seeds, start, resume, eta = 0, guidanceScale, guidanceRescale = 0, signal } = options;
  const images = seeds.length;
  if (images < 1) throw new ParameterError('no seeds: expected one for each image');
  const guided = guidanceScale > 1;
  if (guided && !options.negative) throw new ParameterError('guidance needs the embeddings of a negative prompt');
  // The negative prompt first, as in diffusers.
  const rows = guided ? [options.negative!, options] : [options];
  const groups = conditioningGroups(rows, images, options.imagesPerCall ?? 1);
  const strength = start?.strength ?? 1;
  const scheduler = createScheduler(options.scheduler, { ...visitedBy(options), eta, images, strength });
  const dims = [images, ...latentShape];
  const size = latentShape[0] * latentShape[1] * latentShape[2];
  const source = options.noise ?? seededNoise(seeds);
  let draws = 0;
  const draw: NoiseSource = shape => {
    draws++;
    return source(shape);
  };

  if (resume) takeUp(resume, scheduler, dims, Boolean(start));
  while (draws < (resume?.draws ?? 0)) draw(dims);
  const begin = scheduler.begin + (resume?.step ?? 0);

  let x = resume
    ? resume.latent.data // x_t of the run so far
    : start
      ? noised(
          start.original(() => draw(dims)),
          dims,
          draw,
          scheduler,
        ) // x_t of an image
      : draw(dims).data.map(noise => noise * scheduler.initNoiseSigma); // x_T
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    if (index < begin) continue;
    const input = scheduler.scaleModelInput(x, index);
    const modelOutput = new Float32Array(x.length);
    for (const { first, count, conditioning } of groups) {
      signal?.throwIfAborted();
      const part = input.subarray(first * size, (first + count) * size);
      const batch = guided ? 2 * count : count;
      const sample = { data: guided ? joined(part, part) : part, dims: [batch, ...latentShape] };
      const { data } = await unet.predict(sample, new Array<number>(batch).fill(timestep), conditioning);
      modelOutput.set(guided ? guidance(data, guidanceScale, guidanceRescale, count) : data, first * size);
    }
    signal?.throwIfAborted();
    x = scheduler.step(modelOutput, index, x, () => draw(dims).data); // x_t → x_{t-1}
    expectFinite('scheduler', x);
    yield {
      step: index - scheduler.begin + 1,
      steps: scheduler.timesteps.length - scheduler.begin,
      timestep,
      latent: { data: x, dims },
      modelOutput: { data: modelOutput, dims },
      schedulerState: scheduler.state(),
      draws,
    };
  }
}

/** More draws than a run makes: one for its beginning, one for what it starts from, one a call. */
const drawsBesideCalls = 2;

/** @throws ParameterError when this scheduler cannot go on from there */
function takeUp(
  { step, latent, state, draws = null }: Resume,
  scheduler: Scheduler,
  dims: readonly number[],
  starts: boolean,
): void {
  if (draws === null && starts) {
    throw new ParameterError('a run that starts from an image cannot be resumed from another one');
  }
  if (draws === null && scheduler.needsNoise) {
    throw new ParameterError('a scheduler that draws noise cannot resume another run');
  }
  const calls = scheduler.timesteps.length - scheduler.begin;
  if (!(Number.isInteger(step) && step >= 1 && step < calls)) {
    throw new ParameterError(`resumed after ${step} of ${calls} calls, expected 1 to ${calls - 1}`);
  }
  const most = step + drawsBesideCalls;
  if (draws !== null && !(Number.isInteger(draws) && draws >= 1 && draws <= most)) {
    throw new ParameterError(`resumed after ${draws} draws of noise, expected 1 to ${most}`);
  }
  if (latent.dims.join() !== dims.join()) {
    throw new ParameterError(`resumed from [${latent.dims}], expected [${dims.join(', ')}]`);
  }
  for (const [name, tensor] of Object.entries(state)) {
    if (tensor.length === latent.data.length) continue;
    throw new ParameterError(`resumed with ${name} of ${tensor.length} numbers, expected ${latent.data.length}`);
  }
  scheduler.restore(state);
}

function noised(original: FloatTensor, dims: readonly number[], draw: NoiseSource, scheduler: Scheduler): Float32Array {
  const rows = repeatRow(original, dims[0]!);
  if (rows.dims.join() !== dims.join()) {
    throw new ParameterError(`a start of [${original.dims}], expected [1 or ${dims.join(', ')}]`);
  }
  return scheduler.addNoise(rows.data, draw(dims).data, scheduler.begin);
}

function guidance(predicted: Float32Array, scale: number, rescale: number, images: number): Float32Array {
  const half = predicted.length / 2;
  const conditional = predicted.subarray(half);
  const guided = guide(predicted.subarray(0, half), conditional, scale);
  return rescale > 0 ? rescaleGuidance(guided, conditional, rescale, images) : guided;
}
