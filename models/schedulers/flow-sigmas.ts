import { ParameterError } from '../parameter-error.ts';
import { booleanOption, integerOption, numberOption, type SchedulerConfig } from './config.ts';
import { fixedShift, flowShift, stretched } from './flow-shift.ts';
import type { SchedulerOptions } from './scheduler.ts';
import { sigmaSpacing } from './sigmas.ts';

const { fround } = Math;

/**
 * The noise levels before each step of a flow matching run, `[steps] float32`.
 * @throws RangeError when timesteps, sigmas and steps contradict each other, or a dynamic shift lacks its μ
 * @throws UnsupportedError naming the option
 */
export function flowSigmas(
  config: SchedulerConfig,
  { steps, timesteps, sigmas, mu }: Pick<SchedulerOptions, 'steps' | 'timesteps' | 'sigmas' | 'mu'>,
): Float32Array {
  const trained = integerOption(config, 'num_train_timesteps', 1000, 1);
  const count = steps ?? sigmas?.length ?? timesteps?.length ?? 0;
  for (const list of [timesteps, sigmas]) {
    if (list && list.length !== count)
      throw new ParameterError(`${list.length} timesteps or sigmas for ${count} steps`);
  }
  if (!Number.isSafeInteger(count) || count < 1 || count > trained) {
    throw new ParameterError(`${count} steps, expected a whole number from 1 to ${trained}`);
  }
  const shift = flowShift(config, 'shift', mu);
  const start =
    sigmas?.map(fround) ?? timesteps?.map(t => fround(fround(t) / trained)) ?? spaced(config, count, trained);
  let levels = stretched(config, start.map(shift));
  const spacing = sigmaSpacing(config);
  if (spacing) levels = spacing(levels[0]!, levels.at(-1)!, count);
  return Float32Array.from(levels);
}

/** Evenly between the most and the least noise of the training, which a fixed shift has already moved once. */
function spaced(config: SchedulerConfig, count: number, trained: number): number[] {
  const dynamic = booleanOption(config, 'use_dynamic_shifting', false);
  const shift = fixedShift(dynamic ? 1 : numberOption(config, 'shift', 1));
  const [max, min] = [fround(shift(1)) * trained, fround(shift(fround(1 / trained))) * trained];
  const step = (min - max) / Math.max(count - 1, 1);
  return Array.from({ length: count }, (_, i) => (i > 0 && i === count - 1 ? min : max + i * step) / trained);
}
