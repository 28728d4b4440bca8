import { z } from 'zod';
import { TorchGenerator } from '../../../models/noise.ts';
import { createScheduler, schedulerClasses } from '../../../models/schedulers/create.ts';
import type { Scheduler } from '../../../models/schedulers/scheduler.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { worstSliceError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { GoldenTensors } from '../golden-tensors.ts';
import type { Report } from '../report.ts';

const tolerance = z.number().min(0).optional();
const seed = z.union([z.int(), z.string().regex(/^-?\d+$/)]);
/** Of a latent, where a case names none. */
const usualTolerance = 5e-5;
const caseSchema = z.object({
  id: z.string(),
  class: z.string(),
  config: z.record(z.string(), z.unknown()),
  num_inference_steps: z.int().nullable(),
  set_timesteps_kwargs: z.record(z.string(), z.unknown()).default({}),
  step_kwargs: z.record(z.string(), z.unknown()).default({}),
  generator_seed: seed,
  init_noise_sigma: z.number().optional(),
  raises: z.string().optional(),
  reference_output_not_finite: z.boolean().optional(),
  ill_conditioned: z.boolean().optional(),
  tol: tolerance,
  tol_sigmas: tolerance,
  tol_timesteps: tolerance,
});
const schema = z.object({
  fake_model: z.object({ A: z.number(), B: z.number(), C: z.number() }),
  base_noise_seed: seed,
  shape: z.array(z.int()),
  cases: z.array(caseSchema),
});
type Case = z.infer<typeof caseSchema>;
type Setting = Omit<z.infer<typeof schema>, 'cases'>;

/** Compares schedulers without a model: timesteps, and the way of a latent under a formula that stands for the UNet. */
export async function compareSchedulers(folder: GoldenFolder, report: Report): Promise<void> {
  for (const path of folder.filesEnding('.json', 'schedulers')) {
    await report.attempt('scheduler runs', path, async () => {
      const { cases, ...setting } = folder.json(path, schema);
      const tensors = folder.tensors(path.replace(/\.json$/, '.safetensors'));
      for (const each of cases) {
        await report.attempt('scheduler runs', `${path} ${each.id}`, () =>
          compareCase(each, setting, tensors, report, `${path} ${each.id}`),
        );
      }
    });
  }
}

function compareCase(each: Case, setting: Setting, tensors: GoldenTensors, report: Report, name: string): void {
  if (each.raises !== undefined) {
    compareRefusal(each, setting, report, name);
    return;
  }
  // Where the reference overflows there is nothing to compare with, and refusing it is as good.
  if (each.reference_output_not_finite) return;
  const scheduler = create(each, setting);
  const timesteps = { data: scheduler.timesteps, dims: [scheduler.timesteps.length] };
  const expected = tensors.get(`${each.id}.timesteps`);
  const timestepError = worstSliceError(timesteps, expected, expected.data.length);
  report.compare(`${each.class} timesteps`, name, timestepError, each.tol_timesteps ?? 0);
  if (scheduler.sigmas) {
    const sigmas = tensors.get(`${each.id}.sigmas`);
    const error = worstSliceError(
      { data: scheduler.sigmas, dims: [scheduler.sigmas.length] },
      sigmas,
      sigmas.data.length,
    );
    report.compare(`${each.class} sigmas`, name, error, each.tol_sigmas ?? 0);
  }
  if (each.init_noise_sigma !== undefined) {
    const error = Math.abs(scheduler.initNoiseSigma - each.init_noise_sigma) / Math.max(1, each.init_noise_sigma);
    report.compare(`${each.class} first sigma`, name, error, each.tol_sigmas ?? 0);
  }
  // Where the reference cancels there is nothing to compare a latent with.
  if (each.ill_conditioned) return;
  const error = worstSliceError(trajectory(scheduler, each, setting), tensors.get(`${each.id}.traj`));
  report.compare(`${each.class} latents`, name, error, each.tol ?? usualTolerance);
}

const number = z.number().exactOptional();
const numbers = z.array(z.number()).exactOptional();
const setTimestepsSchema = z.object({ timesteps: numbers, sigmas: numbers, mu: number });
const stepSchema = z.object({
  eta: number,
  use_clipped_model_output: z.boolean().default(false),
  s_churn: z.number().default(0),
  s_tmin: z.number().default(0),
  // zod's own number is finite.
  s_tmax: z.union([z.number(), z.literal(Number.POSITIVE_INFINITY)]).default(Number.POSITIVE_INFINITY),
  s_noise: z.number().default(1),
});

/** @throws UnsupportedError naming the class, an option or an argument that it does not take */
function create(
  { class: name, config, num_inference_steps, set_timesteps_kwargs, step_kwargs }: Case,
  { shape }: Setting,
): Scheduler {
  if (!schedulerClasses.includes(name)) throw new UnsupportedError(`scheduler ${name}`);
  const known = { ...setTimestepsSchema.shape, ...stepSchema.shape };
  const [unknown] = Object.keys({ ...set_timesteps_kwargs, ...step_kwargs }).filter(key => !Object.hasOwn(known, key));
  if (unknown !== undefined) throw new UnsupportedError(`${name} with ${unknown}`);
  const { s_churn, s_tmin, s_tmax, s_noise, use_clipped_model_output, ...step } = stepSchema.parse(step_kwargs);
  return createScheduler(
    { ...config, _class_name: name },
    {
      ...(num_inference_steps !== null && { steps: num_inference_steps }),
      ...setTimestepsSchema.parse(set_timesteps_kwargs),
      ...step,
      useClippedModelOutput: use_clipped_model_output,
      images: shape[0] ?? 1,
      ...(s_churn > 0 && { churn: { amount: s_churn, from: s_tmin, to: s_tmax, noise: s_noise } }),
    },
  );
}

/** What the reference refuses must be refused. */
function compareRefusal(each: Case, setting: Setting, report: Report, name: string): void {
  if (!schedulerClasses.includes(each.class)) throw new UnsupportedError(`scheduler ${each.class}`);
  let refused = false;
  try {
    create(each, setting);
  } catch {
    refused = true;
  }
  report.compare(`${each.class} refusals`, name, refused ? 0 : 1, 0);
}

/** The latents of a run, the start first: `[calls + 1, …shape]`. */
function trajectory(scheduler: Scheduler, each: Case, { fake_model: { A, B, C }, base_noise_seed, shape }: Setting) {
  const generator = new TorchGenerator(BigInt(each.generator_seed));
  const start = new TorchGenerator(BigInt(base_noise_seed)).randn(shape).data;
  let x: Float32Array = start.map(noise => noise * scheduler.initNoiseSigma);
  const latents = [x];
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    const output = scheduler.scaleModelInput(x, index).map(value => Math.sin(value * A + timestep / B + C));
    x = scheduler.step(output, index, x, () => generator.randn(shape).data);
    latents.push(x);
  }
  const data = new Float32Array(latents.length * x.length);
  for (const [i, latent] of latents.entries()) data.set(latent, i * x.length);
  return { data, dims: [latents.length, ...shape] };
}
