import { ParameterError } from '../parameter-error.ts';
import { choiceOption, integerOption, type SchedulerConfig } from './config.ts';

type Spacing = 'leading' | 'trailing' | 'linspace';

/**
 * Which training timesteps a run visits, descending, whole numbers.
 *
 * Source: Lin et al., "Common diffusion noise schedules and sample steps are flawed", 2023, table 2.
 * @param steps from 1 to `num_train_timesteps`
 * @throws RangeError when there are more steps than timesteps, or `steps_offset` reaches beyond the last one
 * @throws UnsupportedError naming the option
 */
export function spacedTimesteps(config: SchedulerConfig, steps: number): number[] {
  const trained = trainedFor(config, steps);
  const timesteps = {
    leading: () => leading(trained, steps, config),
    trailing: () => trailing(trained, trained / steps, steps),
    linspace: () => evenly(trained, steps).map(roundHalfToEven),
  }[spacingOf(config, 'leading')]();
  if (timesteps[0]! >= trained) {
    throw new ParameterError(`${steps} steps begin at timestep ${timesteps[0]}, expected at most ${trained - 1}`);
  }
  return timesteps;
}

/**
 * The same for the classes after Karras et al. (Euler, Heun), whose noise levels lie between the training's: float32,
 * `linspace` where the config says nothing and not rounded there. A timestep beyond the last has the last one's noise.
 */
export function fractionalTimesteps(config: SchedulerConfig, steps: number): Float32Array {
  const trained = trainedFor(config, steps);
  const timesteps = {
    leading: () => leading(trained, steps, config),
    trailing: () => trailing(trained, trained / steps, steps),
    linspace: () => evenly(trained, steps),
  }[spacingOf(config, 'linspace')]();
  return Float32Array.from(timesteps);
}

/**
 * The same for the multistep solvers (DPM-Solver, UniPC), which end at a timestep of its own after the last step: they
 * space one more step and leave that one out. Whole numbers.
 * @param last how many training timesteps there are to visit
 */
export function solverTimesteps(config: SchedulerConfig, steps: number, last?: number): number[] {
  const trained = trainedFor(config, steps);
  const count = last ?? trained;
  return {
    leading: () => leading(count, steps + 1, config).slice(0, -1),
    trailing: () => trailing(count, trained / steps, steps),
    linspace: () =>
      evenly(count, steps + 1)
        .map(roundHalfToEven)
        .slice(0, -1),
  }[spacingOf(config, 'linspace')]();
}

/** How many training timesteps lie between two steps, as DDIM and PNDM count: whatever the spacing. */
export function strideOf(config: SchedulerConfig, steps: number): number {
  return Math.floor(trainedFor(config, steps) / steps);
}

/**
 * Timesteps that the caller chose, for classes that look up the schedule at them.
 * @throws RangeError when they do not descend within the schedule
 */
export function chosenTimesteps(config: SchedulerConfig, timesteps: readonly number[]): readonly number[] {
  const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
  timesteps.forEach((t, i) => {
    if (!Number.isSafeInteger(t) || t < 0 || t >= (timesteps[i - 1] ?? trained)) {
      throw new ParameterError(
        `timesteps ${timesteps.join(', ')}: expected whole numbers, descending from ${trained - 1}`,
      );
    }
  });
  return timesteps;
}

function trainedFor(config: SchedulerConfig, steps: number): number {
  const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > trained) {
    throw new ParameterError(`${steps} steps, expected a whole number from 1 to ${trained}`);
  }
  return trained;
}

function spacingOf(config: SchedulerConfig, byDefault: Spacing): Spacing {
  return choiceOption(config, 'timestep_spacing', ['leading', 'trailing', 'linspace'], byDefault);
}

function leading(trained: number, steps: number, config: SchedulerConfig): number[] {
  const offset = integerOption(config, 'steps_offset', 0, 0);
  const ratio = Math.floor(trained / steps);
  return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + offset);
}

/**
 * As numpy's `arange(last, 0, -ratio)` adds up, which diffusers uses. For some counts (61 of 1000) that gives one number
 * too many, the timestep -1, and diffusers ends such a run with a step from the wrong end of the schedule: not here.
 */
function trailing(last: number, ratio: number, steps: number): number[] {
  const difference = last - ratio - last;
  const length = Math.min(Math.ceil(last / ratio), steps);
  return Array.from({ length }, (_, i) => roundHalfToEven(last + i * difference) - 1);
}

function evenly(trained: number, steps: number): number[] {
  const step = steps > 1 ? (trained - 1) / (steps - 1) : 0;
  return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * step);
}

/** As numpy rounds: 0.5 to 0, 1.5 to 2. */
export function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
