import { ParameterError } from '../models/parameter-error.ts';
import { createScheduler } from '../models/schedulers/create.ts';
import { type SchedulerName, schedulerConfig, schedulerNames } from '../models/schedulers/names.ts';
import { UnsupportedError } from '../models/unsupported.ts';
import type { CheckpointCard } from '../wire/card.ts';
import { builder } from './builder.ts';
import type { GenerationParameters } from './context.ts';
import { InputError, RequestError } from './errors.ts';

export type { SchedulerName } from '../models/schedulers/names.ts';

const descriptions: Readonly<Record<SchedulerName, string>> = {
  DDIM: 'Denoising diffusion implicit models (Song et al. 2020): the same seed gives the same image unless `eta` adds noise.',
  DDPM: 'Denoising diffusion probabilistic models (Ho et al. 2020): fresh noise after every step; wants many steps.',
  PNDM: 'Pseudo numerical methods on manifolds (Liu et al. 2022): multistep, of fourth order.',
  EULER: 'Euler’s method along the probability flow (Karras et al. 2022).',
  EULER_ANCESTRAL:
    'Euler’s method with fresh noise after every step: the image keeps changing with the number of steps.',
  HEUN: 'Heun’s method (Karras et al. 2022): second order, two calls of the model for a step.',
  DPMPP_2M: 'DPM-Solver++ (Lu et al. 2022): multistep, of second order; good from about 20 steps.',
  DPMPP_2M_KARRAS: 'DPM-Solver++ at the noise levels of Karras et al. 2022: more steps where there is little noise.',
  DPMPP_2M_SDE: 'DPM-Solver++ for the stochastic equation: fresh noise at every step.',
  UNIPC: 'A unified predictor and corrector (Zhao et al. 2023): good from about 10 steps.',
  LCM: 'Latent consistency models (Luo et al. 2023): 1 to 8 steps, for checkpoints distilled for it.',
  FLOW_MATCH_EULER: 'Euler’s method for checkpoints trained by flow matching (Lipman et al. 2023).',
};

export const SchedulerType = builder.enumType('Scheduler', {
  description: 'How noise becomes an image, step by step.',
  values: Object.fromEntries(
    schedulerNames.map(name => [name, { value: name, description: descriptions[name] }]),
  ) as Record<SchedulerName, { value: SchedulerName; description: string }>,
});

/** The schedulers that both the checkpoint and this server know. */
export function schedulersOf(card: CheckpointCard): SchedulerName[] {
  return schedulerNames.filter(name => card.schedulers.includes(name));
}

/** The checkpoint's own default where this server knows it, else the nearest that it does. */
export function defaultSchedulerOf(card: CheckpointCard): SchedulerName {
  const known = schedulersOf(card);
  return known.find(name => name === card.defaults.scheduler) ?? known[0] ?? 'DDIM';
}

/**
 * Refuses a scheduler that the checkpoint cannot be run with, or not in so many steps.
 * @throws RequestError, InputError
 */
export function checkScheduler(card: CheckpointCard, { scheduler, steps, eta }: GenerationParameters): void {
  const name = schedulersOf(card).find(known => known === scheduler);
  if (!name) {
    const known = schedulersOf(card).join(', ') || 'nothing that this server knows';
    throw new RequestError(
      'UNSUPPORTED',
      `The checkpoint ${card.name} cannot be run with ${scheduler}, only with ${known}`,
    );
  }
  try {
    createScheduler(schedulerConfig(name, card.scheduler), { steps, eta });
  } catch (error) {
    if (error instanceof UnsupportedError) {
      throw new RequestError('UNSUPPORTED', `The checkpoint ${card.name} cannot be run with ${name}: ${error.message}`);
    }
    if (!(error instanceof ParameterError)) throw error;
    throw new InputError([{ path: ['input', 'steps'], message: `steps is ${steps}: ${name} has ${error.message}` }]);
  }
}
