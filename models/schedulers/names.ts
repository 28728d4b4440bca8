import { type SchedulerConfig, schedulerClasses } from './create.ts';

/** The schedulers of the GraphQL contract as diffusers has them: a class, and the options that make it this one. */
const named: Readonly<Record<string, SchedulerConfig>> = {
  DDIM: { _class_name: 'DDIMScheduler' },
  DDPM: { _class_name: 'DDPMScheduler' },
  PNDM: { _class_name: 'PNDMScheduler' },
  EULER: { _class_name: 'EulerDiscreteScheduler' },
  EULER_ANCESTRAL: { _class_name: 'EulerAncestralDiscreteScheduler' },
  HEUN: { _class_name: 'HeunDiscreteScheduler' },
  DPMPP_2M: { _class_name: 'DPMSolverMultistepScheduler' },
  DPMPP_2M_KARRAS: { _class_name: 'DPMSolverMultistepScheduler', use_karras_sigmas: true },
  DPMPP_2M_SDE: { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++' },
  UNIPC: { _class_name: 'UniPCMultistepScheduler' },
  LCM: { _class_name: 'LCMScheduler' },
  FLOW_MATCH_EULER: { _class_name: 'FlowMatchEulerDiscreteScheduler' },
};

/** The names that `createScheduler` can follow so far, in the contract's order. */
export const schedulerNames: readonly string[] = Object.keys(named).filter(name =>
  schedulerClasses.includes(String(named[name]!._class_name)),
);

/**
 * A checkpoint's scheduler config, for another scheduler: as diffusers' `from_config(pipe.scheduler.config)` does.
 * @param name one of `schedulerNames`
 * @param own the checkpoint's `scheduler_config.json`
 * @throws RangeError for a name that is none of them
 */
export function schedulerConfig(name: string, own: SchedulerConfig): SchedulerConfig {
  if (!schedulerNames.includes(name)) throw new RangeError(`scheduler ${name}: expected ${schedulerNames.join(', ')}`);
  return { ...own, ...named[name] };
}

/** The contract's name of a checkpoint's own scheduler; null where it is none that is supported. */
export function schedulerName(own: SchedulerConfig): string | null {
  const fits = (name: string) => Object.entries(named[name]!).every(([key, value]) => own[key] === value);
  // The last that fits is the most particular one.
  return schedulerNames.findLast(fits) ?? null;
}
