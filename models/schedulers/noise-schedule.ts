import { UnsupportedError } from '../unsupported.ts';
import {
  booleanOption,
  choiceOption,
  integerOption,
  numberOption,
  numbersOption,
  type SchedulerConfig,
} from './config.ts';
import { linearCombination } from './linear-combination.ts';

const { fround } = Math;

/** Betas that a class has where the config says nothing. */
export interface BetaDefaults {
  readonly start?: number;
  readonly end?: number;
  readonly schedule?: (typeof schedules)[number];
  /** Schedules that this class knows beside the three that all know. */
  readonly more?: readonly (typeof rareSchedules)[number][];
}

const schedules = ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const;
const rareSchedules = ['exp', 'laplace', 'sigmoid'] as const;

/**
 * How much of the image is left after each training timestep: ᾱ_t = Π (1 − β_s) for s ≤ t, `[num_train_timesteps]`.
 * Rounded to float32 where PyTorch rounds: near t = 0 it is 1 − ᾱ_t that counts, and there the rounding shows.
 *
 * Source: Ho et al., "Denoising diffusion probabilistic models", 2020, section 2 (β_t, ᾱ_t); options as in diffusers.
 * @throws UnsupportedError naming the option
 */
export function alphasCumprod(config: SchedulerConfig, byDefault: BetaDefaults = {}): Float32Array {
  return cumulativeProduct(trainingBetas(config, byDefault).map(beta => 1 - beta));
}

/** The same for classes that know `rescale_betas_zero_snr`: with it, ᾱ is 0 at the last timestep. */
export function rescaledAlphasCumprod(config: SchedulerConfig, byDefault?: BetaDefaults): Float32Array {
  const cumprod = alphasCumprod(config, byDefault);
  return booleanOption(config, 'rescale_betas_zero_snr', false) ? withoutTerminalSignal(cumprod) : cumprod;
}

/** The same for classes that divide by ᾱ: with `rescale_betas_zero_snr` it is 2⁻²⁴ at the last timestep, not 0. */
export function positiveAlphasCumprod(config: SchedulerConfig): Float32Array {
  const cumprod = rescaledAlphasCumprod(config);
  if (booleanOption(config, 'rescale_betas_zero_snr', false)) cumprod[cumprod.length - 1] = 2 ** -24;
  return cumprod;
}

/** ᾱ after the last step, where there is no earlier timestep. @param toOne the class's default of `set_alpha_to_one` */
export function finalAlphaCumprod(config: SchedulerConfig, alphasCumprod: Float32Array, toOne: boolean): number {
  return booleanOption(config, 'set_alpha_to_one', toOne) ? 1 : alphasCumprod[0]!;
}

/** x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε. Source: Ho et al., equation 4. */
export function diffuse(original: Float32Array, noise: Float32Array, alphaCumprod: number): Float32Array {
  if (noise.length !== original.length) {
    throw new RangeError(`noise of ${noise.length} numbers, expected ${original.length}`);
  }
  return linearCombination([Math.sqrt(alphaCumprod), original], [Math.sqrt(fround(1 - alphaCumprod)), noise]);
}

/** β_t: the variance of the noise added at training timestep t, `[num_train_timesteps]`. */
function trainingBetas(config: SchedulerConfig, byDefault: BetaDefaults): Float32Array {
  const count = integerOption(config, 'num_train_timesteps', 1000, 1);
  const trained = numbersOption(config, 'trained_betas');
  if (trained) {
    if (trained.length !== count) {
      throw new UnsupportedError(`scheduler option trained_betas of ${trained.length} numbers`, `${count} of them`);
    }
    return Float32Array.from(trained);
  }
  const start = numberOption(config, 'beta_start', byDefault.start ?? 0.0001);
  const end = numberOption(config, 'beta_end', byDefault.end ?? 0.02);
  const known = [...schedules, ...(byDefault.more ?? [])];
  switch (choiceOption(config, 'beta_schedule', known, byDefault.schedule ?? 'linear')) {
    case 'linear':
      return linspace(start, end, count);
    case 'scaled_linear':
      return linspace(Math.sqrt(start), Math.sqrt(end), count).map(root => root * root);
    case 'squaredcos_cap_v2':
      return betasOf(cosineAlphaBar, count);
    case 'exp':
      return betasOf(time => Math.exp(-12 * time), count);
    case 'laplace':
      return betasOf(laplaceAlphaBar, count);
    case 'sigmoid':
      return linspace(-6, 6, count).map(
        x => fround(fround(1 / (1 + Math.exp(-x))) * fround(end - start)) + fround(start),
      );
  }
}

/** β_t = 1 − ᾱ(t) / ᾱ(t − 1), capped. @param alphaBar ᾱ of time in `[0, 1]` */
function betasOf(alphaBar: (time: number) => number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999),
  );
}

/** Nichol and Dhariwal, "Improved denoising diffusion probabilistic models", 2021, equation 17. `time` in `[0, 1]`. */
function cosineAlphaBar(time: number): number {
  return Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2;
}

/** Noise levels by a Laplace distribution: signal-to-noise ratios around 1 are visited most. `time` in `[0, 1]`. */
function laplaceAlphaBar(time: number): number {
  const lambda = -0.5 * Math.sign(0.5 - time || 1) * Math.log(1 - 2 * Math.abs(0.5 - time) + 1e-6);
  const snr = Math.exp(lambda);
  return Math.sqrt(snr / (1 + snr));
}

/**
 * `torch.linspace` to the bit, as the kernel that made the reference data fills it: from both ends towards the middle in
 * float32, eight neighbours counted from their first, what is left of sixteens one by one. Later kernels count each on its
 * own and are an ulp off here and there; where 1 − ᾱ cancels, an ulp is seen.
 */
export function linspace(start: number, end: number, count: number): Float32Array {
  const [first, last] = [fround(start), fround(end)];
  const step = fround(fround(last - first) / (count - 1));
  // Fused multiply-adds: a product of two float32 is exact in float64.
  const at = (i: number) => fround(i < Math.floor(count / 2) ? first + step * i : last - step * (count - 1 - i));
  const together = count - (count % 16);
  return Float32Array.from({ length: count }, (_, i) =>
    i < together ? at(i - (i % 8)) + fround(step * (i % 8)) : at(i),
  );
}

/** `torch.cumprod`: multiplied in float64, stored in float32. */
function cumulativeProduct(factors: Float32Array): Float32Array {
  let product = 1;
  return factors.map(factor => {
    product *= factor;
    return product;
  });
}

/**
 * Shifts and scales √ᾱ so that nothing of the image is left at the last timestep, and all that was left stays at the first.
 * Source: Lin et al., "Common diffusion noise schedules and sample steps are flawed", 2023, algorithm 1.
 */
function withoutTerminalSignal(cumprod: Float32Array): Float32Array {
  const roots = cumprod.map(Math.sqrt);
  const first = roots[0]!;
  const last = roots.at(-1)!;
  const scale = fround(first / fround(first - last));
  const squares = roots.map(root => fround(fround(root - last) * scale) ** 2);
  // The paper goes back to the betas and forth again: the same numbers, but for rounding.
  const alphas = squares.map((square, t) => (t === 0 ? square : square / squares[t - 1]!));
  return cumulativeProduct(alphas.map(alpha => 1 - fround(1 - alpha)));
}
