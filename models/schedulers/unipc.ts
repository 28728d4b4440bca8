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
import { type NoiseLevels, noiseLevels } from './noise-level.ts';
import { readPrediction, solverPredictionType } from './prediction.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { checkStep, tensorOf, timestepAt } from './step-inputs.ts';
import { firstCall } from './strength.ts';
import { unipcSchedule } from './unipc-schedule.ts';
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
  readonly #prediction: ReturnType<typeof solverPredictionType>;
  readonly #levelOf: NoiseLevels;
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
  constructor(config: SchedulerConfig, { steps, sigmas: chosen, mu, strength, images = 1 }: SchedulerOptions) {
    refuseOption(config, 'solver_p');
    if (!booleanOption(config, 'use_flow_sigmas', false)) refuseOption(config, 'shift_terminal');
    const type = choiceOption(config, 'solver_type', ['bh1', 'bh2', 'midpoint', 'heun', 'logrho'], 'bh2');
    this.#variant = { b: type === 'bh1' ? 'bh1' : 'bh2', predictsOriginal: booleanOption(config, 'predict_x0', true) };
    this.#prediction = solverPredictionType(config);
    if (this.#prediction === 'flow_prediction' && !this.#variant.predictsOriginal) {
      throw new UnsupportedError('scheduler option prediction_type "flow_prediction" with predict_x0 false');
    }
    this.#levelOf = noiseLevels(config);
    this.#threshold = this.#variant.predictsOriginal ? thresholdingOf(config, images) : null;
    this.#uncorrected = numbersOption(config, 'disable_corrector') ?? [];
    const { timesteps, sigmas } = unipcSchedule(config, steps, chosen, mu);
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
      Array.from(this.#history.outputs, (_, i) => this.#levelOf(this.sigmas[first - i] ?? Number.NaN));

    let corrected = x;
    if (this.#previous && !this.#uncorrected.includes(index - 1)) {
      corrected = uniPcUpdate(this.#variant, this.#orders[index - 1]!, {
        x: this.#previous,
        outputs: this.#history.outputs,
        levels: levelsBefore(index - 1),
        target: this.#levelOf(this.sigmas[index]!),
        arrived: output,
      });
    }
    this.#history.add(output);
    this.#previous = corrected;
    return uniPcUpdate(this.#variant, this.#orders[index]!, {
      x: corrected,
      outputs: this.#history.outputs,
      levels: levelsBefore(index),
      target: this.#levelOf(this.sigmas[index + 1]!),
      arrived: null,
    });
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    timestepAt(this.timesteps, index);
    const { alpha, sigma } = this.#levelOf(this.sigmas[index]!);
    return linearCombination([alpha, original], [sigma, noise]);
  }

  state(): SchedulerState {
    return { ...this.#history.state(), ...(this.#previous && { previous: this.#previous }) };
  }

  /** @throws ParameterError for outputs without the x̃ that they were predicted from: nothing could be corrected */
  restore(state: SchedulerState): void {
    this.#history.restore(state);
    this.#previous = Object.keys(state).length ? tensorOf(state, 'previous') : null;
  }

  /** The function that is integrated: x_θ, or with `predict_x0` false ε_θ. */
  #read(modelOutput: Float32Array, index: number, x: Float32Array): Float32Array {
    if (this.#prediction === 'flow_prediction') {
      const original = linearCombination([1, x], [-this.sigmas[index]!, modelOutput]);
      return this.#threshold?.(original) ?? original;
    }
    const { alpha, sigma } = this.#levelOf(this.sigmas[index]!);
    const { original, epsilon } = readPrediction(this.#prediction, modelOutput, x, alpha, sigma);
    return this.#variant.predictsOriginal ? (this.#threshold?.(original) ?? original) : epsilon;
  }
}
