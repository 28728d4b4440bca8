import { ParameterError } from '../parameter-error.ts';
import type { SchedulerState } from './scheduler.ts';

/** @throws RangeError when the index is none of the run's */
export function timestepAt(timesteps: readonly number[], index: number): number {
  const t = timesteps[index];
  if (t === undefined) throw new RangeError(`step ${index}, expected one of ${timesteps.length}`);
  return t;
}

/**
 * Checks what a step is given.
 * @returns the step's timestep
 * @throws RangeError when the index or the sizes do not fit
 */
export function checkStep(
  timesteps: readonly number[],
  index: number,
  modelOutput: Float32Array,
  x: Float32Array,
): number {
  const t = timestepAt(timesteps, index);
  if (modelOutput.length !== x.length) {
    throw new RangeError(`model output of ${modelOutput.length} numbers for a latent of ${x.length}`);
  }
  return t;
}

/** Draws noise for `x`. @throws RangeError when there is none or its size does not fit */
export function drawFor(x: Float32Array, noise?: () => Float32Array): Float32Array {
  const drawn = noise?.();
  if (drawn?.length !== x.length) throw new RangeError(`noise of ${drawn?.length} numbers, expected ${x.length}`);
  return drawn;
}

/** @throws RangeError when a state lacks a tensor that the method keeps: it was left by another one */
export function tensorOf(state: SchedulerState, name: string): Float32Array {
  const tensor = state[name];
  if (!tensor) throw new ParameterError(`scheduler state of ${Object.keys(state).join(', ') || 'nothing'}: no ${name}`);
  return tensor;
}
