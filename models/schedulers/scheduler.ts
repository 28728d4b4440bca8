/**
 * A scheduler turns what the UNet predicts into the next, less noisy latent. It is made for one run: the timesteps are
 * fixed when it is created, and a scheduler that looks back at earlier predictions (multistep, Heun) keeps them itself,
 * so steps are taken in order, each once.
 *
 * Latents are flat row-major arrays of one or more images, `[images, channels, height/8, width/8] float32`.
 */
export interface Scheduler {
  /**
   * What the UNet is told at each of its calls, in `[0, num_train_timesteps)`, not always whole numbers. There are as
   * many as there are calls of the model: with some schedulers (Heun, PNDM) more than the steps asked for.
   */
  readonly timesteps: readonly number[];
  /** Standard deviation of the noise a run starts from: multiply `torch.randn` by it. */
  readonly initNoiseSigma: number;
  /** Whether `step` draws noise; if so it must be handed some. */
  readonly needsNoise: boolean;

  /** What the UNet gets to see of `x` at call `index`. Never changes `x`; may return it. */
  scaleModelInput(x: Float32Array, index: number): Float32Array;

  /**
   * One step of the reverse process.
   * @param modelOutput what the UNet returned (after guidance), of `x`'s size; unchanged
   * @param index which of `timesteps` this is, from 0
   * @param x the latent the step starts from, before `scaleModelInput`; unchanged
   * @param noise draws standard normal noise of `x`'s size; called only if `needsNoise`, at most once a step
   * @returns the next latent, a new array
   * @throws RangeError when the sizes or the index do not fit, or noise is needed and not given
   */
  step(modelOutput: Float32Array, index: number, x: Float32Array, noise?: () => Float32Array): Float32Array;
}

/** What a run asks of its scheduler, beside what the checkpoint's config says. */
export interface SchedulerOptions {
  /** `num_inference_steps`, from 1 to the config's `num_train_timesteps`. */
  readonly steps: number;
  /** η of DDIM: 0 is deterministic, 1 is DDPM. Default 0. Schedulers without it ignore it, as diffusers does. */
  readonly eta?: number;
  /** DDIM only: recompute the noise from the clipped `x_0`. Default false. */
  readonly useClippedModelOutput?: boolean;
  /** How many images `x` holds: dynamic thresholding looks at each alone. Default 1. */
  readonly images?: number;
}
