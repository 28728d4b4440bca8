import { UnsupportedError } from '../unsupported.ts';
import { type Clipping, thresholdingOf } from './clipping.ts';
import { booleanOption, choiceOption, integerOption, type SchedulerConfig } from './config.ts';
import { type DpmAlgorithm, dpmCoefficients } from './dpm-solver-coefficients.ts';
import { solverSchedule } from './dpm-solver-schedule.ts';
import { linearCombination } from './linear-combination.ts';
import { MultistepHistory } from './multistep-history.ts';
import { type NoiseLevels, noiseLevels } from './noise-level.ts';
import { readPrediction, solverPredictionType } from './prediction.ts';
import type { Scheduler, SchedulerOptions, SchedulerState } from './scheduler.ts';
import { checkStep, drawFor, timestepAt } from './step-inputs.ts';
import { firstCall } from './strength.ts';

const { fround } = Math;

/**
 * DPM-Solver(++), multistep, of order 1 to 3, and its SDE forms: exact in the linear part of the diffusion equation,
 * with a polynomial in λ through the latest predictions for the rest.
 *
 * Source: Lu et al., "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models", 2022,
 * algorithm 2. Options, defaults and rounding as diffusers' `DPMSolverMultistepScheduler`.
 */
export class DpmSolverScheduler implements Scheduler {
  readonly timesteps: readonly number[];
  readonly sigmas: Float32Array;
  readonly begin: number;
  readonly initNoiseSigma = 1;
  readonly needsNoise: boolean;
  readonly #algorithm: DpmAlgorithm;
  readonly #rule: 'midpoint' | 'heun';
  readonly #prediction: ReturnType<typeof solverPredictionType>;
  readonly #levelOf: NoiseLevels;
  readonly #threshold: Clipping | null;
  /** The order of each step. */
  readonly #orders: readonly number[];
  readonly #history: MultistepHistory;

  /**
   * @throws RangeError when there are more steps than timesteps
   * @throws UnsupportedError naming the option
   */
  constructor(config: SchedulerConfig, { steps, timesteps, mu, strength, images = 1 }: SchedulerOptions) {
    for (const learned of ['learned', 'learned_range']) {
      if (config.variance_type === learned) throw new UnsupportedError(`scheduler option variance_type "${learned}"`);
    }
    this.#algorithm = algorithmOf(config);
    this.needsNoise = this.#algorithm.startsWith('sde');
    this.#rule = ruleOf(config);
    this.#prediction = solverPredictionType(config);
    if (this.#prediction === 'flow_prediction' && !this.#algorithm.endsWith('++')) {
      throw new UnsupportedError(`scheduler option prediction_type "flow_prediction" with ${this.#algorithm}`);
    }
    this.#levelOf = noiseLevels(config);
    this.#threshold = thresholdingOf(config, images);
    const { timesteps: visited, sigmas } = solverSchedule(config, steps, timesteps, mu);
    this.timesteps = visited;
    this.sigmas = sigmas;
    if (sigmas.at(-1) === 0 && !this.#algorithm.endsWith('++')) {
      throw new UnsupportedError(`scheduler option final_sigmas_type "zero" with ${this.#algorithm}`, 'sigma_min');
    }
    this.begin = firstCall(visited.length, strength);
    this.#orders = ordersOf(config, visited.length, this.begin);
    if (this.#algorithm === 'sde-dpmsolver' && this.#orders.includes(3)) {
      throw new UnsupportedError('scheduler option solver_order 3 with sde-dpmsolver', '1, 2');
    }
    this.#history = new MultistepHistory(Math.max(...this.#orders));
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(modelOutput: Float32Array, index: number, x: Float32Array, noise?: () => Float32Array): Float32Array {
    checkStep(this.timesteps, index, modelOutput, x);
    if (index === this.begin) this.#history.clear();
    const order = this.#orders[index]!;
    this.#history.expect(order - 1, index);
    this.#history.add(this.#read(modelOutput, index, x));

    const [target, ...levels] = [1, 0, -1, -2].map(i => this.#levelOf(this.sigmas[index + i] ?? Number.NaN));
    const [t, s0, s1, s2] = [target!, levels[0]!, levels[1]!, levels[2]!];
    const h = fround(t.lambda - s0.lambda);
    const factors = dpmCoefficients(this.#algorithm, s0, t, h);
    const [m0, m1, m2] = this.#history.outputs as [Float32Array, Float32Array, Float32Array];
    const terms: [number, Float32Array][] = [
      [factors.x, x],
      [factors.d0, m0], // D0
    ];
    if (order === 2) {
      const r0 = fround(fround(s0.lambda - s1.lambda) / h);
      terms.push([factors[this.#rule], difference(m0, m1, r0)]); // D1
    } else if (order === 3) {
      const r0 = fround(fround(s0.lambda - s1.lambda) / h);
      const r1 = fround(fround(s1.lambda - s2.lambda) / h);
      const [newer, older] = [difference(m0, m1, r0), difference(m1, m2, r1)];
      const share = fround(r0 / fround(r0 + r1));
      const d1 = newer.map((value, i) => value + fround(share * fround(value - older[i]!)));
      terms.push([factors.heun, d1], [factors.d2, difference(newer, older, fround(r0 + r1))]); // D1, D2
    }
    if (this.needsNoise) terms.push([factors.noise, drawFor(x, noise)]);
    return linearCombination(...terms);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    timestepAt(this.timesteps, index);
    const { alpha, sigma } = this.#levelOf(this.sigmas[index]!);
    return linearCombination([alpha, original], [sigma, noise]);
  }

  state(): SchedulerState {
    return this.#history.state();
  }

  restore(state: SchedulerState): void {
    this.#history.restore(state);
  }

  /** The function that the solver integrates: x_θ for the ++ forms, else ε_θ. */
  #read(modelOutput: Float32Array, index: number, x: Float32Array): Float32Array {
    if (this.#prediction === 'flow_prediction') {
      const original = linearCombination([1, x], [-this.sigmas[index]!, modelOutput]);
      return this.#threshold?.(original) ?? original;
    }
    const { alpha, sigma } = this.#levelOf(this.sigmas[index]!);
    const { original, epsilon } = readPrediction(this.#prediction, modelOutput, x, alpha, sigma);
    if (this.#algorithm.endsWith('++')) return this.#threshold?.(original) ?? original;
    if (!this.#threshold) return epsilon;
    const clipped = this.#threshold(readPrediction('epsilon', epsilon, x, alpha, sigma).original);
    return readPrediction('sample', clipped, x, alpha, sigma).epsilon;
  }
}

/** (a − b) / r, as 1 / r times it. */
function difference(a: Float32Array, b: Float32Array, r: number): Float32Array {
  const factor = fround(1 / r);
  return a.map((value, i) => factor * fround(value - b[i]!));
}

function algorithmOf(config: SchedulerConfig): DpmAlgorithm {
  const known = ['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++', 'deis'] as const;
  const algorithm = choiceOption(config, 'algorithm_type', known, 'dpmsolver++');
  return algorithm === 'deis' ? 'dpmsolver++' : algorithm; // another class's option, as diffusers carries it over
}

function ruleOf(config: SchedulerConfig): 'midpoint' | 'heun' {
  const known = ['midpoint', 'heun', 'logrho', 'bh1', 'bh2'] as const;
  return choiceOption(config, 'solver_type', known, 'midpoint') === 'heun' ? 'heun' : 'midpoint';
}

/** Lower at the start, where there is nothing to look back at, and at the end, where that is steadier. */
function ordersOf(config: SchedulerConfig, count: number, begin: number): number[] {
  const order = integerOption(config, 'solver_order', 2, 1);
  if (order > 3) throw new UnsupportedError(`scheduler option solver_order ${order}`, '1, 2, 3');
  const few = booleanOption(config, 'lower_order_final', true) && count < 15;
  const toZero = choiceOption(config, 'final_sigmas_type', ['zero', 'sigma_min'], 'zero') === 'zero';
  const firstAtEnd = booleanOption(config, 'euler_at_final', false) || few || toZero;
  return Array.from({ length: count }, (_, i) => {
    const left = count - 1 - i;
    const most = left === 0 && firstAtEnd ? 1 : left === 1 && few ? 2 : order;
    return Math.max(1, Math.min(most, order, i - begin + 1));
  });
}
