import { ParameterError } from '../parameter-error.ts';
import { booleanOption, choiceOption, numberOption, optionalNumber, type SchedulerConfig } from './config.ts';

const { exp } = Math;

/** Moves noise levels so that a larger picture, whose parts say more of each other, gets as much noise as it needs. */
export type FlowShift = (sigma: number) => number;

/**
 * The shift of a config: fixed, or with `use_dynamic_shifting` by how large the picture is.
 * @param name of the fixed one's option
 * @param mu μ: how far a dynamic shift goes
 * @throws ParameterError when a dynamic shift lacks its μ
 * @throws UnsupportedError naming the option
 */
export function flowShift(config: SchedulerConfig, name: 'shift' | 'flow_shift', mu: number | undefined): FlowShift {
  const type = choiceOption(config, 'time_shift_type', ['exponential', 'linear'], 'exponential');
  if (!booleanOption(config, 'use_dynamic_shifting', false)) return fixedShift(numberOption(config, name, 1));
  if (mu === undefined) throw new ParameterError('use_dynamic_shifting needs mu');
  const factor = type === 'exponential' ? exp(mu) : mu;
  return sigma => factor / (factor + (1 / sigma - 1));
}

/** Source: Esser et al., "Scaling rectified flow transformers for high-resolution image synthesis", 2024, equation 23. */
export function fixedShift(shift: number): FlowShift {
  return sigma => (shift * sigma) / (1 + (shift - 1) * sigma);
}

/** Stretches noise levels so that the last one is `shift_terminal`, where the config has it. */
export function stretched(config: SchedulerConfig, sigmas: readonly number[]): number[] {
  const terminal = optionalNumber(config, 'shift_terminal');
  if (!terminal) return [...sigmas];
  const factor = (1 - sigmas.at(-1)!) / (1 - terminal);
  return sigmas.map(sigma => 1 - (1 - sigma) / factor);
}
