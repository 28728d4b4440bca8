import { ParameterError } from '../parameter-error.ts';
import { UnsupportedError } from '../unsupported.ts';
import { booleanOption, integerOption, numberOption, type SchedulerConfig } from './config.ts';
import { fixedShift, flowShift, stretched } from './flow-shift.ts';

/** What the multistep solvers visit with `use_flow_sigmas`, but for where the run ends. */
export interface FlowSchedule {
  /** Whole numbers: a noise level times the number of training timesteps, cut. */
  readonly timesteps: readonly number[];
  /** Before each step. */
  readonly levels: readonly number[];
}

/**
 * DPM-Solver's: evenly from the most noise to the least, both of the training's, shifted; the least is left out.
 * @throws ParameterError, UnsupportedError naming the option
 */
export function dpmFlowSchedule(config: SchedulerConfig, steps: number, mu: number | undefined): FlowSchedule {
  const trained = trainedFor(config, steps);
  const shift = mu === undefined ? fixedShift(numberOption(config, 'flow_shift', 1)) : dynamicShift(config, mu);
  const least = 1 / trained;
  const levels = Array.from({ length: steps }, (_, i) => shift(1 - evenly(1, least, steps + 1, steps - i)));
  return scheduleOf(levels, trained);
}

/**
 * UniPC's: the same from all noise on, or the caller's own levels, shifted and stretched.
 * @param sigmas instead of `steps`
 * @throws ParameterError, UnsupportedError naming the option
 */
export function unipcFlowSchedule(
  config: SchedulerConfig,
  steps: number | undefined,
  sigmas: readonly number[] | undefined,
  mu: number | undefined,
): FlowSchedule {
  const count = sigmas?.length ?? steps!;
  const trained = trainedFor(config, count);
  const shift = flowShift(config, 'flow_shift', mu);
  const start = sigmas ?? Array.from({ length: count }, (_, i) => evenly(1, 1 / trained, count + 1, i));
  const levels = stretched(config, start.map(shift));
  // At all noise λ is infinite, and no polynomial goes through that.
  if (Math.abs(levels[0]! - 1) < 1e-6) levels[0]! -= 1e-6;
  return scheduleOf(levels, trained);
}

/** Levels x_t / α_t has, as those of a straight way: both between the same image and the same noise. */
export function straightened(levels: readonly number[], config: SchedulerConfig): FlowSchedule {
  const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
  return scheduleOf(
    levels.map(sigma => sigma / (sigma + 1)),
    trained,
  );
}

/** @throws UnsupportedError when noise levels that a straight way does not have are to be spaced otherwise */
export function refuseWithFlow(config: SchedulerConfig, ...names: readonly string[]): void {
  for (const name of names) {
    if (booleanOption(config, name, false)) throw new UnsupportedError(`scheduler option use_flow_sigmas with ${name}`);
  }
}

function scheduleOf(levels: readonly number[], trained: number): FlowSchedule {
  return { timesteps: levels.map(sigma => Math.trunc(sigma * trained)), levels };
}

function dynamicShift(config: SchedulerConfig, mu: number) {
  if (config.time_shift_type === 'linear') {
    throw new UnsupportedError('scheduler option time_shift_type "linear"', 'exponential');
  }
  return flowShift(config, 'flow_shift', mu);
}

/** The i-th of numpy's `linspace`. */
function evenly(first: number, last: number, count: number, i: number): number {
  return i === count - 1 ? last : i * ((last - first) / (count - 1)) + first;
}

function trainedFor(config: SchedulerConfig, steps: number): number {
  const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > trained) {
    throw new ParameterError(`${steps} steps, expected a whole number from 1 to ${trained}`);
  }
  return trained;
}
