import { booleanOption, integerOption, type SchedulerConfig } from './config.ts';
import { flowSigmas } from './flow-sigmas.ts';
import { linearCombination } from './linear-combination.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { checkStep, drawFor, timestepAt } from './step-inputs.ts';
import { firstCall } from './strength.ts';

const { fround } = Math;

/**
 * Euler's method for flow matching: the model predicts the velocity ε − x_0 of the straight way between image and noise,
 * x_t = (1 − σ) x_0 + σ ε. A timestep is σ times the number of training timesteps.
 *
 * Source: Lipman et al., "Flow matching for generative modeling", 2023, and Esser et al., "Scaling rectified flow
 * transformers for high-resolution image synthesis", 2024, section 2. Options, defaults and rounding as diffusers'
 * `FlowMatchEulerDiscreteScheduler`.
 */
export class FlowMatchEulerScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly sigmas: Float32Array;
  readonly begin: number;
  readonly initNoiseSigma = 1;
  readonly needsNoise: boolean;

  /**
   * @throws RangeError when timesteps, sigmas and steps contradict each other, or a dynamic shift lacks its μ
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, options: SchedulerOptions) {
    const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
    const inverted = booleanOption(config, 'invert_sigmas', false);
    const levels = flowSigmas(config, options);
    const sigmas = inverted ? levels.map(sigma => 1 - sigma) : levels;
    this.sigmas = Float32Array.from([...sigmas, inverted ? 1 : 0]);
    const own = Array.from(sigmas, sigma => fround(sigma * trained));
    this.timesteps = options.timesteps && !inverted ? options.timesteps.map(fround) : own;
    this.begin = firstCall(sigmas.length, options.strength);
    this.needsNoise = booleanOption(config, 'stochastic_sampling', false);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  /** dx = v dσ; with `stochastic_sampling` x_0 with fresh noise instead. */
  step(modelOutput: Float32Array, index: number, x: Float32Array, noise?: () => Float32Array): Float32Array {
    checkStep(this.timesteps, index, modelOutput, x);
    const [sigma, next] = [this.sigmas[index]!, this.sigmas[index + 1]!];
    if (!this.needsNoise) return linearCombination([1, x], [fround(next - sigma), modelOutput]);
    const original = linearCombination([1, x], [-sigma, modelOutput]); // x_0
    return linearCombination([fround(1 - next), original], [next, drawFor(x, noise)]);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    timestepAt(this.timesteps, index);
    const sigma = this.sigmas[index]!;
    return linearCombination([sigma, noise], [fround(1 - sigma), original]);
  }

  /** Each step stands alone. */
  state(): SchedulerState {
    return {};
  }

  restore(): void {}
}
