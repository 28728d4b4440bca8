/**
 * A scheduler turns what the UNet predicts into the next, less noisy latent. It is made for one run: the timesteps are
 * fixed when it is created, and a scheduler that looks back at earlier predictions (multistep, Heun) keeps them itself,
 * so steps are taken in order from `begin`, each once.
 *
 * Latents are flat row-major arrays of one or more images, `[images, channels, height/8, width/8] float32`.
 */
export interface Scheduler {
  /**
   * What the UNet is told at each of its calls, in `[0, num_train_timesteps)`, not always whole numbers. There are as
   * many as there are calls of the model: with some schedulers (Heun, PNDM) more than the steps asked for.
   */
  readonly timesteps: readonly number[];
  /**
   * σ before each call and after the last one, where the algorithm is written in noise levels: of x / α, so that
   * x_t = x_0 + σ ε; with flow matching x_t = (1 − σ) x_0 + σ ε.
   */
  readonly sigmas?: Float32Array;
  /** The call a run begins with: 0, or later where it starts from an image and `strength` is less than 1. */
  readonly begin: number;
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

  /**
   * The forward process: what a run begins with when it starts from an image instead of from noise alone.
   * @param original x_0: the image's latent, scaled as the UNet knows it
   * @param noise standard normal, of `original`'s size
   * @param index which of `timesteps` the result is for: `begin`
   * @returns x_t, a new array
   */
  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array;

  /**
   * What the steps so far left behind that later ones need beside x: with it, x and the index a run goes on in another
   * scheduler of the same config and options, to the same bytes. Empty where each step stands alone.
   */
  state(): SchedulerState;
  /** Takes up a run where `state` was taken. @throws RangeError when the state is of another kind of scheduler */
  restore(state: SchedulerState): void;
}

/** Named tensors, each of the latent's size. */
export type SchedulerState = Readonly<Record<string, Float32Array>>;

/** What a run asks of its scheduler, beside what the checkpoint's config says. */
export interface SchedulerOptions {
  /**
   * `num_inference_steps`, from 1 to the config's `num_train_timesteps`. Left out only where `timesteps` or `sigmas` say
   * the same.
   */
  readonly steps?: number;
  /** Instead of the config's spacing: the timesteps themselves, descending. Where the class takes them. */
  readonly timesteps?: readonly number[];
  /** Instead of the config's spacing: the noise levels themselves, descending. Where the class takes them. */
  readonly sigmas?: readonly number[];
  /** μ of flow matching's dynamic shift: how far the timesteps lean towards noise for a picture of this size. */
  readonly mu?: number;
  /** How much of the run is done, above 0 to 1: ⌊steps × strength⌋ last steps. Default 1: all of it. */
  readonly strength?: number;
  /** η of DDIM: 0 is deterministic, 1 is DDPM. Default 0. Schedulers without it ignore it, as diffusers does. */
  readonly eta?: number;
  /** DDIM only: recompute the noise from the clipped `x_0`. Default false. */
  readonly useClippedModelOutput?: boolean;
  /** Euler only: fresh noise before each step. Default: none. */
  readonly churn?: Churn;
  /** How many images `x` holds: dynamic thresholding looks at each alone. Default 1. */
  readonly images?: number;
}

/** Karras et al., "Elucidating the design space of diffusion-based generative models", 2022, algorithm 2. */
export interface Churn {
  /** S_churn: how much, over the whole run. */
  readonly amount: number;
  /** S_tmin and S_tmax: the noise levels in between are churned. Default: all. */
  readonly from?: number;
  readonly to?: number;
  /** S_noise: the noise's standard deviation. Default 1. */
  readonly noise?: number;
}
