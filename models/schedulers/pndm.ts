import { ParameterError } from '../parameter-error.ts';
import { UnsupportedError } from '../unsupported.ts';
import { booleanOption, type SchedulerConfig } from './config.ts';
import { linearCombination } from './linear-combination.ts';
import { MultistepHistory } from './multistep-history.ts';
import { alphasCumprod, diffuse, finalAlphaCumprod } from './noise-schedule.ts';
import { noisePredictionType } from './prediction.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { checkStep, timestepAt } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { spacedTimesteps, strideOf } from './timestep-spacing.ts';

const { fround, sqrt } = Math;

/** Calls of the UNet in the Runge-Kutta start: three steps of four. */
const rungeKuttaCalls = 12;

/**
 * Pseudo numerical methods for diffusion models: a linear multistep method of fourth order, started by pseudo Runge-Kutta
 * steps, or with `skip_prk_steps`, as Stable Diffusion has it, by a step of Heun's and then lower orders.
 *
 * Source: Liu et al., "Pseudo numerical methods for diffusion models on manifolds", 2022, algorithm 2; the start
 * without Runge-Kutta after K. Crowson's PLMS sampler. Options, defaults and rounding as diffusers' `PNDMScheduler`.
 */
export class PndmScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly begin: number;
  readonly initNoiseSigma = 1;
  readonly needsNoise = false;
  readonly #alphasCumprod: Float32Array;
  readonly #finalAlphaCumprod: number;
  /** Training timesteps between two steps. */
  readonly #stride: number;
  readonly #prediction: 'epsilon' | 'v_prediction';
  readonly #skipRungeKutta: boolean;
  readonly #history = new MultistepHistory(4);
  /** x at the beginning of a step of several calls, and the weighted sum of what they gave so far. */
  #start: Float32Array | null = null;
  #sum: Float32Array | null = null;

  /**
   * @throws RangeError when there are more steps than timesteps, or fewer than 4 with Runge-Kutta steps
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, { steps = 0, strength }: SchedulerOptions) {
    this.#prediction = noisePredictionType(config);
    this.#skipRungeKutta = booleanOption(config, 'skip_prk_steps', false);
    const spaced = spacedTimesteps(config, steps);
    this.#stride = strideOf(config, steps);
    this.timesteps = this.#skipRungeKutta ? secondTwice(spaced) : withRungeKutta(spaced, Math.floor(this.#stride / 2));
    this.begin = firstCall(steps, strength);
    this.#alphasCumprod = alphasCumprod(config);
    this.#finalAlphaCumprod = finalAlphaCumprod(config, this.#alphasCumprod, false);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(modelOutput: Float32Array, index: number, x: Float32Array): Float32Array {
    const t = checkStep(this.timesteps, index, modelOutput, x);
    const call = index - this.begin;
    if (call === 0) this.restore({});
    return !this.#skipRungeKutta && call < rungeKuttaCalls
      ? this.#rungeKutta(modelOutput, call, t, x)
      : this.#multistep(modelOutput, index, t, x);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return diffuse(original, noise, this.#alphasCumprod[timestepAt(this.timesteps, index)]!);
  }

  state(): SchedulerState {
    return {
      ...this.#history.state(),
      ...(this.#start && { start: this.#start }),
      ...(this.#sum && { sum: this.#sum }),
    };
  }

  restore(state: SchedulerState): void {
    this.#history.restore(state);
    this.#start = state.start ?? null;
    this.#sum = state.sum ?? null;
  }

  /** Equation 13: four calls for one step, at its beginning, twice in its middle and at its end. */
  #rungeKutta(output: Float32Array, call: number, t: number, x: Float32Array): Float32Array {
    const part = call % 4;
    const from = timestepAt(this.timesteps, this.begin + call - part);
    const to = t - (call % 2 ? 0 : Math.floor(this.#stride / 2));
    if (part === 0) {
      this.#history.add(output); // e_t
      this.#start = x;
      this.#sum = null;
    }
    const weighted: readonly [number, Float32Array] = [part === 0 || part === 3 ? 1 / 6 : 1 / 3, output];
    const sum = this.#sum ? linearCombination([1, this.#sum], weighted) : linearCombination(weighted);
    this.#sum = part === 3 ? null : sum;
    return this.#transfer(this.#start ?? x, from, to, part === 3 ? sum : output);
  }

  /** Equation 12, with lower orders of Adams and Bashforth's method until there is enough to look back at. */
  #multistep(output: Float32Array, index: number, t: number, x: Float32Array): Float32Array {
    // The first step is taken twice: to its end, and again with the mean of what was found at both ends.
    if (index - this.begin === 1) {
      const [first] = this.#history.outputs;
      if (!first || !this.#start) throw new RangeError(`step ${index} follows no first one`);
      const start = this.#start;
      this.#start = null;
      const mean = output.map((e, i) => fround(e + first[i]!) / 2);
      return this.#transfer(start, t + this.#stride, t, mean);
    }
    if (index === this.begin) this.#start = x;
    this.#history.expect(Math.min(index - this.begin - 1, 3), index);
    this.#history.add(output);
    return this.#transfer(x, t, t - this.#stride, adamsBashforth(this.#history.outputs));
  }

  /** φ of equation 11: takes x from one timestep to an earlier one, along a given ε. */
  #transfer(x: Float32Array, from: number, to: number, output: Float32Array): Float32Array {
    const alpha = this.#alphasCumprod[from]; // ᾱ_t
    if (alpha === undefined)
      throw new ParameterError(`PNDM looks back to timestep ${from} of ${this.#alphasCumprod.length}`);
    const alphaPrevious = to >= 0 ? this.#alphasCumprod[to]! : this.#finalAlphaCumprod; // ᾱ_{t−δ}
    const remainder = fround(1 - alpha);
    const epsilon =
      this.#prediction === 'epsilon' ? output : linearCombination([sqrt(alpha), output], [sqrt(remainder), x]);
    const latentFactor = fround(sqrt(fround(alphaPrevious / alpha)));
    const first = fround(alpha * fround(sqrt(fround(1 - alphaPrevious))));
    const second = fround(sqrt(fround(fround(alpha * remainder) * alphaPrevious)));
    const divisor = fround(first + second);
    const change = fround(alphaPrevious - alpha);
    return x.map((value, i) => fround(latentFactor * value) - fround(fround(change * epsilon[i]!) / divisor));
  }
}

/** ε of the next step from the latest ones, the latest first. */
function adamsBashforth(e: readonly Float32Array[]): Float32Array {
  const [e0, e1, e2, e3] = e as [Float32Array, Float32Array, Float32Array, Float32Array];
  switch (e.length) {
    case 1:
      return e0;
    case 2:
      return linearCombination([3, e0], [-1, e1]).map(sum => sum / 2);
    case 3:
      return linearCombination([23, e0], [-16, e1], [5, e2]).map(sum => sum / 12);
    default:
      return linearCombination([55, e0], [-59, e1], [37, e2], [-9, e3]).map(sum => fround(1 / 24) * sum);
  }
}

/** The second timestep comes twice, since the first step is taken twice. */
function secondTwice(spaced: readonly number[]): number[] {
  return spaced.flatMap((t, i) => (i === 1 ? [t, t] : [t]));
}

/** Where the Runge-Kutta steps call the UNet: at the beginning, the middle and the end of the first three steps. */
function withRungeKutta(spaced: readonly number[], half: number): number[] {
  if (spaced.length < 4) {
    throw new UnsupportedError(`scheduler option skip_prk_steps false with ${spaced.length} steps`, 'at least 4 steps');
  }
  // A step goes down to the next one's beginning; its middle is half a stride above that.
  const starts = [0, 1, 2].flatMap(i => {
    const [begin, end] = [spaced[i]!, spaced[i + 1]!];
    return [begin, end + half, end + half, end];
  });
  return [...starts, ...spaced.slice(3)];
}
