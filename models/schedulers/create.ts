import { UnsupportedError } from '../unsupported.ts';
import type { SchedulerConfig } from './config.ts';
import { DdimScheduler } from './ddim.ts';
import type { Scheduler, SchedulerOptions } from './scheduler.ts';

export type { SchedulerConfig } from './config.ts';

const classes: Readonly<Record<string, new (config: SchedulerConfig, options: SchedulerOptions) => Scheduler>> = {
  DDIMScheduler: DdimScheduler,
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
  const scheduler = Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (!scheduler) throw new UnsupportedError(`scheduler ${name}`, schedulerClasses.join(', '));
  return new scheduler(config, options);
}
