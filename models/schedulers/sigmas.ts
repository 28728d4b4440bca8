import { UnsupportedError } from '../unsupported.ts';
import { betaSigmas } from './beta.ts';
import { booleanOption, choiceOption, optionalNumber, type SchedulerConfig } from './config.ts';
import { exponentialSigmas } from './exponential.ts';
import { float32Log } from './float32-log.ts';
import { karrasSigmas } from './karras.ts';

const { fround } = Math;

/**
 * The noise level of each training timestep: σ_t = √((1 − ᾱ_t) / ᾱ_t), the noise's standard deviation in x_t / √ᾱ_t.
 * Source: Karras et al., "Elucidating the design space of diffusion-based generative models", 2022, table 1.
 */
export function trainingSigmas(alphasCumprod: Float32Array): Float32Array {
  return alphasCumprod.map(alpha => Math.sqrt(fround(fround(1 - alpha) / alpha)));
}

/** σ at timesteps between the training's, linearly; at both ends it stays what it is. */
export function interpolateSigmas(timesteps: ArrayLike<number>, trained: Float32Array): number[] {
  return Array.from(timesteps, t => {
    const below = Math.floor(t);
    if (below < 0) return trained[0]!;
    if (below >= trained.length - 1) return trained.at(-1)!;
    const sigma = trained[below]!;
    return (trained[below + 1]! - sigma) * (t - below) + sigma;
  });
}

/**
 * The timestep that has each noise level, linearly in log σ. In float32, as numpy 1 computes it for diffusers: numpy 2
 * keeps float64, and then some timesteps that are cut to whole numbers come out one lower (998 for 999).
 */
export function timestepsOf(sigmas: readonly number[], trained: Float32Array): number[] {
  const logs = trained.map(float32Log);
  return sigmas.map(sigma => {
    const log = fround(Math.log(Math.max(sigma, 1e-10)));
    const last = logs.findLastIndex(level => level <= log);
    const low = Math.min(Math.max(last, 0), logs.length - 2);
    const share = fround(fround(logs[low]! - log) / fround(logs[low]! - logs[low + 1]!));
    const w = Math.min(Math.max(share, 0), 1);
    return fround(1 - w) * low + w * (low + 1);
  });
}

/** Spaces `count` noise levels between the first and the last, descending. */
export type SigmaSpacing = (first: number, last: number, count: number) => number[];

/**
 * The spacing of noise levels a config asks for instead of the timesteps'; null if none. `sigma_max` and `sigma_min`
 * take the place of the first and the last where the config has them.
 * @throws UnsupportedError when it asks for two
 */
export function sigmaSpacing(config: SchedulerConfig): SigmaSpacing | null {
  const asked = Object.entries({
    use_karras_sigmas: karrasSigmas,
    use_exponential_sigmas: exponentialSigmas,
    use_beta_sigmas: betaSigmas,
  }).filter(([name]) => booleanOption(config, name, false));
  if (asked.length > 1) {
    throw new UnsupportedError(`scheduler options ${asked.map(([name]) => name).join(' with ')}`, 'one of them');
  }
  const [, spacing] = asked[0] ?? [];
  if (!spacing) return null;
  const max = optionalNumber(config, 'sigma_max');
  const min = optionalNumber(config, 'sigma_min');
  return (first, last, count) => spacing(max ?? first, min ?? last, count);
}

/**
 * The noise level after the last step: none, or the training's least.
 * @throws UnsupportedError naming `final_sigmas_type`
 */
export function finalSigma(config: SchedulerConfig, trained: Float32Array): number {
  return choiceOption(config, 'final_sigmas_type', ['zero', 'sigma_min'], 'zero') === 'zero' ? 0 : trained[0]!;
}

/**
 * Refuses timesteps of the caller's together with options that space noise levels on their own.
 * @throws UnsupportedError naming the option
 */
export function refuseChosenTimesteps(config: SchedulerConfig, ...options: readonly string[]): void {
  for (const name of ['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas', ...options]) {
    if (booleanOption(config, name, false)) throw new UnsupportedError(`scheduler option ${name} with timesteps`);
  }
}
