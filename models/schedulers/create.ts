import { ParameterError } from '../parameter-error.ts';
import { UnsupportedError } from '../unsupported.ts';
import type { SchedulerConfig } from './config.ts';
import { DdimScheduler } from './ddim.ts';
import { DdpmScheduler } from './ddpm.ts';
import { DpmSolverScheduler } from './dpm-solver.ts';
import { EulerScheduler } from './euler.ts';
import { EulerAncestralScheduler } from './euler-ancestral.ts';
import { FlowMatchEulerScheduler } from './flow-match-euler.ts';
import { HeunScheduler } from './heun.ts';
import { LcmScheduler } from './lcm.ts';
import { PndmScheduler } from './pndm.ts';
import type { Scheduler, SchedulerOptions } from './scheduler.ts';
import { UniPcScheduler } from './unipc.ts';

export type { SchedulerConfig } from './config.ts';

/** What a run may hand over instead of a number of steps, or beside it. */
type Choice = 'timesteps' | 'sigmas' | 'mu' | 'churn';

interface SchedulerClass {
  readonly create: new (config: SchedulerConfig, options: SchedulerOptions) => Scheduler;
  readonly takes: readonly Choice[];
  /** Whether it may be told steps, timesteps and sigmas at once, so long as they agree. */
  readonly takesAll?: boolean;
}

const classes: Readonly<Record<string, SchedulerClass>> = {
  DDIMScheduler: { create: DdimScheduler, takes: [] },
  DDPMScheduler: { create: DdpmScheduler, takes: ['timesteps'] },
  PNDMScheduler: { create: PndmScheduler, takes: [] },
  EulerDiscreteScheduler: { create: EulerScheduler, takes: ['timesteps', 'sigmas', 'churn'] },
  EulerAncestralDiscreteScheduler: { create: EulerAncestralScheduler, takes: [] },
  HeunDiscreteScheduler: { create: HeunScheduler, takes: ['timesteps'] },
  DPMSolverMultistepScheduler: { create: DpmSolverScheduler, takes: ['timesteps', 'mu'] },
  UniPCMultistepScheduler: { create: UniPcScheduler, takes: ['sigmas', 'mu'] },
  LCMScheduler: { create: LcmScheduler, takes: ['timesteps'] },
  FlowMatchEulerDiscreteScheduler: {
    create: FlowMatchEulerScheduler,
    // diffusers has churn among its arguments too, and does nothing with it.
    takes: ['timesteps', 'sigmas', 'mu', 'churn'],
    takesAll: true,
  },
};

/** Names of the diffusers classes `createScheduler` takes. */
export const schedulerClasses: readonly string[] = Object.keys(classes);

/**
 * The scheduler a diffusers config describes, ready for one run.
 * @throws UnsupportedError naming the class or the option
 * @throws RangeError when the options are out of range
 *
 * @example
 * const scheduler = createScheduler({ _class_name: 'DDIMScheduler', steps_offset: 1 }, { steps: 20 });
 * for (const [index, timestep] of scheduler.timesteps.entries()) …
 */
export function createScheduler(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  const name = String(config._class_name);
  const found = Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (!found) throw new UnsupportedError(`scheduler ${name}`, schedulerClasses.join(', '));
  for (const choice of ['timesteps', 'sigmas', 'mu', 'churn'] as const) {
    if (options[choice] !== undefined && !found.takes.includes(choice)) {
      throw new UnsupportedError(`scheduler ${name} with ${choice}`);
    }
  }
  const given = (['steps', 'timesteps', 'sigmas'] as const).filter(choice => options[choice] !== undefined);
  if (given.length === 0 || (given.length > 1 && !found.takesAll)) {
    throw new ParameterError(`${given.join(' and ') || 'nothing'} given, expected one of steps, timesteps and sigmas`);
  }
  return new found.create(config, options);
}
