import type { CheckpointCard } from '../wire/card.ts';
import { builder } from './builder.ts';

/** The contract names more; here are the ones that exist. */
export const SchedulerType = builder.enumType('Scheduler', {
  description: 'How noise becomes an image, step by step.',
  values: {
    DDIM: {
      value: 'DDIM',
      description:
        'Denoising diffusion implicit models (Song et al. 2020): the same seed gives the same image unless `eta` adds noise.',
    },
  },
});

export type SchedulerName = 'DDIM';

const built: readonly SchedulerName[] = ['DDIM'];

/** The schedulers that both the checkpoint and this server know. */
export function schedulersOf(card: CheckpointCard): SchedulerName[] {
  return built.filter(name => card.schedulers.includes(name));
}

/** The checkpoint's own default where this server knows it, else the nearest that it does. */
export function defaultSchedulerOf(card: CheckpointCard): SchedulerName {
  const known = schedulersOf(card);
  return known.find(name => name === card.defaults.scheduler) ?? known[0] ?? 'DDIM';
}
