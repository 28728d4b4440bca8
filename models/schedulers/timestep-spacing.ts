import { choiceOption, integerOption, type SchedulerConfig } from './config.ts';

/**
 * Which training timesteps a run visits, descending.
 *
 * Source: Lin et al., "Common diffusion noise schedules and sample steps are flawed", 2023, table 2.
 * @param steps from 1 to `num_train_timesteps`
 * @throws RangeError when there are more steps than timesteps, or `steps_offset` reaches beyond the last one
 * @throws UnsupportedError naming the option
 */
export function spacedTimesteps(config: SchedulerConfig, steps: number): number[] {
  const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > trained) {
    throw new RangeError(`${steps} steps, expected a whole number from 1 to ${trained}`);
  }
  const spacing = choiceOption(config, 'timestep_spacing', ['leading', 'trailing', 'linspace'], 'leading');
  const timesteps = {
    leading: () => leading(trained, steps, integerOption(config, 'steps_offset', 0, 0)),
    trailing: () => trailing(trained, steps),
    linspace: () => evenly(trained, steps),
  }[spacing]();
  if (timesteps[0]! >= trained) {
    throw new RangeError(`${steps} steps begin at timestep ${timesteps[0]}, expected at most ${trained - 1}`);
  }
  return timesteps;
}

function leading(trained: number, steps: number, offset: number): number[] {
  const ratio = Math.floor(trained / steps);
  return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + offset);
}

/**
 * As numpy's `arange(trained, 0, -ratio)` adds up, which diffusers uses. For some counts (61 of 1000) that gives one number
 * too many, the timestep -1, and diffusers ends such a run with a step from the wrong end of the schedule: not here.
 */
function trailing(trained: number, steps: number): number[] {
  const difference = trained - trained / steps - trained;
  return Array.from({ length: steps }, (_, i) => roundHalfToEven(trained + i * difference) - 1);
}

function evenly(trained: number, steps: number): number[] {
  const step = steps > 1 ? (trained - 1) / (steps - 1) : 0;
  return Array.from({ length: steps }, (_, i) => roundHalfToEven((steps - 1 - i) * step));
}

/** As numpy rounds: 0.5 to 0, 1.5 to 2. */
function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
