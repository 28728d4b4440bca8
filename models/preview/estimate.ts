import { ParameterError } from '../parameter-error.ts';
import type { FloatTensor } from '../runtime.ts';
import { createScheduler, type SchedulerConfig } from '../schedulers/create.ts';
import { type PredictionType, solverPredictionType } from '../schedulers/prediction.ts';
import type { Scheduler, SchedulerOptions } from '../schedulers/scheduler.ts';

/** What a noisy latent is made of: x = signal x_0 + noise ε. */
export interface Mixture {
  readonly signal: number;
  readonly noise: number;
}

/**
 * x̂_0, the picture that the model sees in a latent at a call of it: what is worth showing of a run on its way, for x_t itself
 * is mostly noise until the last steps.
 * @param latent x_t, what the call's step starts from, `[images, channels, height/8, width/8] float32`: the latent of the
 *   step before, at the first step what the run began with
 * @param modelOutput of the step, after guidance, of the same shape
 * @param step 1 after the first call, as `DenoiseStep` counts: a run that was resumed goes on counting
 * @returns of the same shape; maybe one of the two, neither is changed
 * @throws RangeError when the shapes differ or the run has no such step
 */
export type OriginalEstimates = (latent: FloatTensor, modelOutput: FloatTensor, step: number) => FloatTensor;

/**
 * Reads x̂_0 at any step of a run. Pure: what a run of the same config and options does is not touched.
 *
 * It asks the run's schedule and not the timestep how noisy a latent is, since with some spacings (Karras, exponential,
 * flow) the timesteps that the model is told are rounded and do not say it exactly. With the multistep solvers and Heun it
 * is what this call alone says, not what earlier ones add. It is not clipped, even where the config clips.
 *
 * Where x_0 cannot be had, the latent itself is returned: at a latent without any signal of which the model predicts the
 * noise, and with `invert_sigmas`, where a run goes from image to noise.
 *
 * @param config a full diffusers scheduler config, `_class_name` included
 * @param options as the run's scheduler has them: steps, timesteps or sigmas, and strength
 * @throws UnsupportedError naming the class or the option; RangeError when the options are out of range
 *
 * @example
 * const estimates = originalEstimates(config, { steps: 20 });
 * for await (const { step, modelOutput, latent } of pipeline.denoise(…)) {
 *   const preview = pipeline.previewOf(estimates(before, modelOutput, step));
 *   before = latent;
 * }
 */
export function originalEstimates(config: SchedulerConfig, options: SchedulerOptions): OriginalEstimates {
  const scheduler = createScheduler(config, options);
  const prediction = predictionOf(config);
  const inverted = config._class_name === flowMatching && config.invert_sigmas === true;
  const calls = scheduler.timesteps.length - scheduler.begin;
  return (latent, modelOutput, step) => {
    if (latent.dims.join() !== modelOutput.dims.join()) {
      throw new ParameterError(`a model output [${modelOutput.dims}] for a latent [${latent.dims}]`);
    }
    if (!(Number.isInteger(step) && step >= 1 && step <= calls)) {
      throw new ParameterError(`step ${step}, expected one of 1 to ${calls}`);
    }
    if (inverted) return latent;
    const mixture = mixtureAt(scheduler, scheduler.begin + step - 1);
    return { data: originalEstimate(prediction, mixture, latent.data, modelOutput.data), dims: latent.dims };
  };
}

/**
 * x̂_0 of a latent of known noise. One formula for latents of any scale, variance preserving, variance exploding
 * (x = x_0 + σ ε) and of a straight way (x = (1 − σ) x_0 + σ ε), where the schedulers have one each.
 *
 * Source: for ε, Song et al., "Denoising diffusion implicit models", 2021, equation 9; for v = α ε − σ x_0 with α² + σ² = 1,
 * Salimans and Ho, "Progressive distillation for fast sampling of diffusion models", 2022, appendix D; for the velocity
 * ε − x_0, Lipman et al., "Flow matching for generative modeling", 2023.
 * @param x of that mixture; neither it nor the output is changed, either may be returned
 * @returns x̂_0; `x` where there is nothing of it to be read
 */
export function originalEstimate(
  prediction: PredictionType | 'flow_prediction',
  { signal, noise }: Mixture,
  x: Float32Array,
  output: Float32Array,
): Float32Array {
  switch (prediction) {
    case 'sample':
      return output;
    case 'epsilon':
      return signal === 0 ? x : x.map((value, i) => (value - noise * output[i]!) / signal);
    case 'v_prediction': {
      const scale = Math.hypot(signal, noise); // x / scale preserves the variance
      return x.map((value, i) => ((signal / scale) * value - noise * output[i]!) / scale);
    }
    case 'flow_prediction':
      return x.map((value, i) => (value - noise * output[i]!) / (signal + noise));
  }
}

const flowMatching = 'FlowMatchEulerDiscreteScheduler';

/** Flow matching's own class knows no other prediction, and Euler has a second name for one. */
function predictionOf(config: SchedulerConfig): PredictionType | 'flow_prediction' {
  if (config._class_name === flowMatching) return 'flow_prediction';
  return config.prediction_type === 'original_sample' ? 'sample' : solverPredictionType(config);
}

/** What a scheduler adds to an image that is 1 and to one that is 0, of a noise that is 0 and of one that is 1. */
function mixtureAt(scheduler: Scheduler, index: number): Mixture {
  const [signal, noise] = scheduler.addNoise(Float32Array.of(1, 0), Float32Array.of(0, 1), index);
  return { signal: signal!, noise: noise! };
}
