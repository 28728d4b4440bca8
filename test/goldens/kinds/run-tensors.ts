import type { StableDiffusionPipeline } from '../../../models/pipeline.ts';
import { toPixels } from '../../../models/pixels.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { absoluteError, countDifferent, type Numbers, relativeError, worstSliceError } from '../difference.ts';
import type { GoldenTensors } from '../golden-tensors.ts';
import type { Report } from '../report.ts';

/** What a run made, from its first latents on. */
export interface RunResult {
  readonly initial: FloatTensor;
  /** One for each call of the UNet. */
  readonly steps: readonly {
    readonly timestep: number;
    readonly latent: FloatTensor;
    readonly modelOutput: FloatTensor;
  }[];
}

/** Where its reference is, and what it is called. */
export interface Compared {
  readonly golden: GoldenTensors;
  /** Before the tensors' names. */
  readonly prefix: string;
  readonly report: Report;
  /** In the table: the kind of runs. */
  readonly kind: string;
  readonly name: string;
  /** Of the first latents. */
  readonly initialTolerance: number;
}

/** Compares the timesteps of a run. */
export function compareTimesteps(
  result: RunResult,
  expected: readonly number[],
  { report, kind, name }: Compared,
): void {
  const timesteps = result.steps.map(({ timestep }) => timestep);
  const error = worstSliceError(
    { data: timesteps, dims: [timesteps.length] },
    { data: expected, dims: [expected.length] },
    expected.length,
  );
  report.compare(`${kind} timesteps`, name, error, expected.every(Number.isInteger) ? 0 : 1e-5);
}

/** Compares a run at every stage for which there is data. Decodes only where there is a picture to compare with. */
export async function compareRunTensors(
  pipeline: StableDiffusionPipeline,
  { initial, steps }: RunResult,
  { golden, prefix, report, kind, name, initialTolerance }: Compared,
): Promise<void> {
  const compare = (what: string, tensor: string, error: (expected: Numbers) => number, tolerance: number) => {
    if (!golden.has(prefix + tensor)) return;
    report.compare(`${kind} ${what}`, `${name} ${tensor}`, error(golden.get(prefix + tensor)), tolerance);
  };
  const final = steps.at(-1)!.latent;
  for (const tensor of ['initial_latents', 'start_latents']) {
    compare('first latents', tensor, expected => relativeError(initial, expected), initialTolerance);
  }
  const outputs = stack(steps.map(({ modelOutput }) => modelOutput));
  compare('model outputs', 'step_model_output', expected => worstSliceError(outputs, expected), 5e-4);
  const latents = stack(steps.map(({ latent }) => latent));
  compare('latents', 'step_latents', expected => worstSliceError(latents, expected), 1e-4);
  compare('latents', 'first_step', expected => relativeError(steps[0]!.latent, expected), 1e-4);
  compare('latents', 'final_latents', expected => relativeError(final, expected), 1e-4);

  if (!['image', 'image_u8'].some(tensor => golden.has(prefix + tensor))) return;
  const decoded = await pipeline.decode(final);
  compare('image', 'image', expected => absoluteError(toUnitImage(decoded), expected), 1e-4);
  const pixels = toPixels(decoded);
  compare('image bytes, difference', 'image_u8', expected => absoluteError(pixels, expected), 1);
  compare('image bytes, share', 'image_u8', expected => countDifferent(pixels, expected) / pixels.data.length, 0.005);
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
