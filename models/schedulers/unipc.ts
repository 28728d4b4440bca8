import { UnsupportedError } from '../unsupported.ts';
import { type Clipping, thresholdingOf } from './clipping.ts';
import {
  booleanOption,
  choiceOption,
  integerOption,
  numbersOption,
  refuseOption,
  type SchedulerConfig,
} from './config.ts';
import { linearCombination } from './linear-combination.ts';
import { MultistepHistory } from './multistep-history.ts';
import { noiseLevel } from './noise-level.ts';
import { positiveAlphasCumprod } from './noise-schedule.ts';
import { type PredictionType, predictionType, readPrediction } from './prediction.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { finalSigma, interpolateSigmas, sigmaSpacing, timestepsOf, trainingSigmas } from './sigmas.ts';
import { checkStep, timestepAt } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { roundHalfToEven, solverTimesteps } from './timestep-spacing.ts';
import { type UniPcVariant, uniPcUpdate } from './unipc-update.ts';

/**
 * The unified predictor-corrector: a multistep prediction of any order, which the next call of the UNet corrects to one
 * order more at no cost.
 *
 * Source: Zhao et al., "UniPC: a unified predictor-corrector framework for fast sampling of diffusion models", 2023,
 * algorithms 5 to 8. Options, defaults and rounding as diffusers' `UniPCMultistepScheduler`.
 */
export class UniPcScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly sigmas: Float32Array;
  readonly begin: number;
  readonly initNoiseSigma = 1;
  readonly needsNoise = false;
  readonly #variant: UniPcVariant;
  readonly #prediction: PredictionType;
  readonly #threshold: Clipping | null;
  /** The order of each step's prediction, and of its correction. */
  readonly #orders: readonly number[];
  readonly #uncorrected: readonly number[];
  readonly #history: MultistepHistory;
  /** x̃ before the latest prediction, corrected. */
  #previous: Float32Array | null = null;

  /**
   * @throws RangeError when there are more steps than timesteps
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, { steps, strength, images = 1 }: SchedulerOptions) {
    for (const name of ['use_flow_sigmas', 'use_dynamic_shifting']) refuseOption(config, name, false);
    for (const name of ['solver_p', 'shift_terminal']) refuseOption(config, name);
    const type = choiceOption(config, 'solver_type', ['bh1', 'bh2', 'midpoint', 'heun', 'logrho'], 'bh2');
    this.#variant = { b: type === 'bh1' ? 'bh1' : 'bh2', predictsOriginal: booleanOption(config, 'predict_x0', true) };
    this.#prediction = predictionType(config);
    this.#threshold = this.#variant.predictsOriginal ? thresholdingOf(config, images) : null;
    this.#uncorrected = numbersOption(config, 'disable_corrector') ?? [];
    const { timesteps, sigmas } = schedule(config, steps!);
    this.timesteps = timesteps;
    this.sigmas = sigmas;
    this.begin = firstCall(timesteps.length, strength);
    const order = integerOption(config, 'solver_order', 2, 1);
    const lower = booleanOption(config, 'lower_order_final', true);
    this.#orders = timesteps.map((_, i) =>
      Math.max(1, Math.min(order, lower ? timesteps.length - i : order, i - this.begin + 1)),
    );
    if (sigmas.at(-1) === 0 && this.#orders.at(-1)! > 2) {
      // No polynomial of that order goes through a point at an infinite λ.
      throw new UnsupportedError(`scheduler option lower_order_final false with solver_order ${order} to no noise`);
    }
    this.#history = new MultistepHistory(order);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  /** Algorithms 5 and 6 (for ε: 7 and 8): correct what the last step predicted, then predict. */
  step(modelOutput: Float32Array, index: number, x: Float32Array): Float32Array {
    checkStep(this.timesteps, index, modelOutput, x);
    if (index === this.begin) this.restore({});
    this.#history.expect(index - this.begin, index);
    const output = this.#read(modelOutput, index, x);
    const levelsBefore = (first: number) =>
      Array.from(this.#history.outputs, (_, i) => noiseLevel(this.sigmas[first - i] ?? Number.NaN));

    let corrected = x;
    if (this.#previous && !this.#uncorrected.includes(index - 1)) {
      corrected = uniPcUpdate(this.#variant, this.#orders[index - 1]!, {
        x: this.#previous,
        outputs: this.#history.outputs,
        levels: levelsBefore(index - 1),
        target: noiseLevel(this.sigmas[index]!),
        arrived: output,
      });
    }
    this.#history.add(output);
    this.#previous = corrected;
    return uniPcUpdate(this.#variant, this.#orders[index]!, {
      x: corrected,
      outputs: this.#history.outputs,
      levels: levelsBefore(index),
      target: noiseLevel(this.sigmas[index + 1]!),
      arrived: null,
    });
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    timestepAt(this.timesteps, index);
    const { alpha, sigma } = noiseLevel(this.sigmas[index]!);
    return linearCombination([alpha, original], [sigma, noise]);
  }

  state(): SchedulerState {
    return { ...this.#history.state(), ...(this.#previous && { previous: this.#previous }) };
  }

  restore(state: SchedulerState): void {
    this.#history.restore(state);
    this.#previous = state.previous ?? null;
  }

  /** The function that is integrated: x_θ, or with `predict_x0` false ε_θ. */
  #read(modelOutput: Float32Array, index: number, x: Float32Array): Float32Array {
    const { alpha, sigma } = noiseLevel(this.sigmas[index]!);
    const { original, epsilon } = readPrediction(this.#prediction, modelOutput, x, alpha, sigma);
    return this.#variant.predictsOriginal ? (this.#threshold?.(original) ?? original) : epsilon;
  }
}

function schedule(config: SchedulerConfig, steps: number) {
  const trained = trainingSigmas(positiveAlphasCumprod(config));
  const last = finalSigma(config, trained);
  const spacing = sigmaSpacing(config);
  const visited = solverTimesteps(config, steps);
  if (!spacing) {
    return { timesteps: visited, sigmas: Float32Array.from([...interpolateSigmas(visited, trained), last]) };
  }
  const levels = spacing(trained.at(-1)!, trained[0]!, steps);
  const rounded = booleanOption(config, 'use_karras_sigmas', false) ? roundHalfToEven : Math.trunc;
  // Here the run ends where its own last noise level is, not the training's.
  const end = last === 0 ? 0 : levels.at(-1)!;
  return { timesteps: timestepsOf(levels, trained).map(rounded), sigmas: Float32Array.from([...levels, end]) };
}
