import { z } from 'zod';
import { type DenoiseStep, visitedBy } from '../../../models/denoise.ts';
import { createScheduler } from '../../../models/schedulers/create.ts';
import type { GoldenPipeline } from '../golden-pipeline.ts';
import type { GoldenTensors } from '../golden-tensors.ts';
import type { Report } from '../report.ts';
import { argumentsOf, callSchema, noiseOf, sizesOf } from './call.ts';
import { encodeRunPrompts } from './run-prompts.ts';
import { compareRunTensors, compareTimesteps } from './run-tensors.ts';

/** A call of diffusers' `StableDiffusionPipeline` or `StableDiffusionXLPipeline`. */
export const runSchema = callSchema.extend({ file: z.string(), height: z.int(), width: z.int() });

/**
 * Compares one run at every stage for which there is data.
 * @throws UnsupportedError naming the scheduler's class or an argument of the call
 */
export async function comparePipelineRun(
  run: z.infer<typeof runSchema>,
  opened: GoldenPipeline,
  golden: GoldenTensors,
  report: Report,
  name: string,
): Promise<void> {
  const { scheduler_config: scheduler, width, height } = run;
  const given = argumentsOf(run);
  const compared = { golden, report, name, prefix: '', kind: 'pipeline', initialTolerance: 5e-6 };
  const { prompt, negative, images } = await encodeRunPrompts(opened, run, given, compared);
  const { draw, drawn } = noiseOf(run, null);
  const { timesteps, sigmas } = given;
  const visited = { steps: run.num_inference_steps ?? 0, timesteps, sigmas };
  const steps: DenoiseStep[] = [];
  const denoising = opened.pipeline.denoise({
    ...prompt,
    negative,
    sizes: sizesOf(given),
    seeds: new Array<number>(images).fill(0),
    noise: draw,
    width,
    height,
    scheduler,
    ...visited,
    guidanceScale: run.guidance_scale,
    guidanceRescale: given.guidance_rescale,
    eta: given.eta,
  });
  for await (const step of denoising) steps.push(step);

  const { initNoiseSigma } = createScheduler(scheduler, visitedBy(visited));
  const [first] = drawn as [(typeof drawn)[number]];
  const initial = { data: first.data.map(value => value * initNoiseSigma), dims: first.dims };
  const result = { initial, steps };
  if (run.step_timesteps) compareTimesteps(result, run.step_timesteps, compared);
  await compareRunTensors(opened.pipeline, result, compared);
  for (const tensor of golden.unread) {
    report.skip(`tensor ${tensor} of a pipeline run`, 'pipeline runs', `${name} ${tensor}`);
  }
}
