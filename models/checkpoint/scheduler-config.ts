import { readConfig } from './component.ts';
import { Config } from './config.ts';
import type { CheckpointFiles } from './files.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * A checkpoint's scheduler config. What the index calls the scheduler is what it is, as in diffusers: the class in its
 * own file may be left from the one it was made from.
 * @param corrected whether it is as the pipelines of Stable Diffusion 1 and 2 correct it
 * @throws CheckpointError when it is missing or not a JSON object
 */
export async function openSchedulerConfig(
  files: CheckpointFiles,
  paths: ReadonlySet<string>,
  className: string,
  corrected: boolean,
): Promise<Config> {
  const { file, values } = await readConfig(files, paths, 'scheduler/scheduler_config.json');
  const own = { ...values, _class_name: className };
  return new Config(file, corrected ? correct(own) : own);
}

/** Which diffusers classes have no such option, and which clip by default. */
const withoutOffset = ['FlowMatchEulerDiscreteScheduler'];
const clippingByDefault = ['DDIMScheduler', 'DDPMScheduler'];

/**
 * diffusers makes `steps_offset` 1 and `clip_sample` false, whatever the file says or its class has by default. What the
 * file did not say stays something it did not say: another class has its own default for it.
 */
function correct(own: Values & { readonly _class_name: string }): Values {
  const { _class_name: name, _use_default_values: unsaid } = own;
  const before: Values = {
    ...(!withoutOffset.includes(name) && { steps_offset: 0 }),
    ...(clippingByDefault.includes(name) && { clip_sample: true }),
    ...own,
  };
  const changed = {
    ...(Object.hasOwn(before, 'steps_offset') && before.steps_offset !== 1 && { steps_offset: 1 }),
    ...(before.clip_sample === true && { clip_sample: false }),
  };
  const added = Object.keys(changed).filter(key => !Object.hasOwn(own, key));
  if (added.length === 0) return { ...own, ...changed };
  return { ...own, ...changed, _use_default_values: [...(Array.isArray(unsaid) ? unsaid : []), ...added] };
}
