import type { SchedulerConfig } from './config.ts';

/** What a name stands for in diffusers: a class, and the options that make it this one. */
interface Named {
  readonly class: string;
  readonly options?: SchedulerConfig;
}

/** The contract's schedulers. */
const named = {
  DDIM: { class: 'DDIMScheduler' },
  DDPM: { class: 'DDPMScheduler' },
  PNDM: { class: 'PNDMScheduler' },
  EULER: { class: 'EulerDiscreteScheduler' },
  EULER_ANCESTRAL: { class: 'EulerAncestralDiscreteScheduler' },
  HEUN: { class: 'HeunDiscreteScheduler' },
  DPMPP_2M: {
    class: 'DPMSolverMultistepScheduler',
    options: { algorithm_type: 'dpmsolver++', use_karras_sigmas: false },
  },
  DPMPP_2M_KARRAS: {
    class: 'DPMSolverMultistepScheduler',
    options: {
      algorithm_type: 'dpmsolver++',
      use_karras_sigmas: true,
      use_exponential_sigmas: false,
      use_beta_sigmas: false,
    },
  },
  DPMPP_2M_SDE: { class: 'DPMSolverMultistepScheduler', options: { algorithm_type: 'sde-dpmsolver++' } },
  UNIPC: { class: 'UniPCMultistepScheduler' },
  LCM: { class: 'LCMScheduler' },
  FLOW_MATCH_EULER: { class: 'FlowMatchEulerDiscreteScheduler' },
} as const satisfies Readonly<Record<string, Named>>;

/** A scheduler's name in the contract. */
export type SchedulerName = keyof typeof named;

/** All of them, in the contract's order. */
export const schedulerNames = Object.keys(named) as readonly SchedulerName[];

/** What a name stands for in diffusers: `from_config(own, **options)` of the class is the scheduler. */
export function schedulerClass(name: SchedulerName): { readonly class: string; readonly options: SchedulerConfig } {
  const { class: className, options = {} }: Named = named[name];
  return { class: className, options };
}

/** What `named` sets, where a config says nothing of it. */
const byDefault: SchedulerConfig = {
  algorithm_type: 'dpmsolver++',
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
};

/**
 * Those that make sense for a checkpoint. A model trained to predict a flow's velocity says nothing of ε or x_0 to the
 * others, and flow matching nothing to theirs; the solvers know it where the config tells them. Two of the others cannot
 * read a model that predicts the image.
 * @param own the checkpoint's `scheduler_config.json`
 */
export function schedulerNamesFor(own: SchedulerConfig): readonly SchedulerName[] {
  if (predictsFlow(own)) {
    const solvers = own.use_flow_sigmas === true ? ['DPMPP_2M', 'DPMPP_2M_SDE', 'UNIPC'] : [];
    return schedulerNames.filter(name => name === 'FLOW_MATCH_EULER' || solvers.includes(name));
  }
  const unreadable = own.prediction_type === 'sample' ? ['EULER_ANCESTRAL', 'PNDM'] : [];
  return schedulerNames.filter(name => name !== 'FLOW_MATCH_EULER' && !unreadable.includes(name));
}

/**
 * A checkpoint's scheduler config, for another scheduler: as diffusers' `from_config(pipe.scheduler.config)` does. What
 * the file says is kept, whichever class it was said to; what it does not say has the new class's default, and so has
 * what it says only because its own class had it by default. For the same class all of it holds.
 * @param own the checkpoint's `scheduler_config.json`
 */
export function schedulerConfig(name: SchedulerName, own: SchedulerConfig): SchedulerConfig {
  const { class: className, options } = schedulerClass(name);
  const unsaid = Array.isArray(own._use_default_values) ? own._use_default_values : [];
  const defaults = className === own._class_name ? [] : unsaid;
  // Which diffusers wrote the file says nothing about the picture.
  const said = Object.entries(own).filter(
    ([key]) => !['_use_default_values', '_diffusers_version'].includes(key) && !defaults.includes(key),
  );
  return { ...Object.fromEntries(said), ...options, _class_name: className };
}

/**
 * The contract's name of a checkpoint's own scheduler: the one whose options it has, else the first of its class; null
 * where it is none that is supported.
 */
export function schedulerName(own: SchedulerConfig): SchedulerName | null {
  const same = schedulerNamesFor(own).filter(name => named[name].class === own._class_name);
  const fits = (name: SchedulerName) =>
    Object.entries((named[name] as Named).options ?? {}).every(
      ([key, value]) => (own[key] ?? byDefault[key]) === value,
    );
  return same.find(fits) ?? same[0] ?? null;
}

function predictsFlow(own: SchedulerConfig): boolean {
  return (
    own._class_name === named.FLOW_MATCH_EULER.class ||
    own.prediction_type === 'flow_prediction' ||
    own.use_flow_sigmas === true
  );
}
