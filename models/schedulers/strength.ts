import { ParameterError } from '../parameter-error.ts';

/**
 * The call of the model that a run from an image begins with: the last ⌊steps × strength⌋ steps are done.
 * Source: diffusers' `StableDiffusionImg2ImgPipeline.get_timesteps`.
 * @param callsPerStep 2 with Heun, else 1
 * @throws ParameterError when the strength is not in (0, 1], or so low that no step is left
 */
export function firstCall(steps: number, strength = 1, callsPerStep = 1): number {
  if (!(strength > 0 && strength <= 1)) {
    throw new ParameterError(`strength is ${strength}, expected a number above 0, at most 1`);
  }
  const done = Math.floor(steps * strength);
  if (done < 1)
    throw new ParameterError(
      `strength ${strength} of ${steps} steps is none, expected at least ${leastStrength(steps)}`,
    );
  return (steps - done) * callsPerStep;
}

/** The least strength that does a step, to four digits: rounded up, as ⌊49 × (1 / 49)⌋ is 0 in doubles. */
export function leastStrength(steps: number): number {
  return Math.ceil(10_000 / steps) / 10_000;
}
