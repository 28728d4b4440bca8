import { readConfig } from './component.ts';
import { Config } from './config.ts';
import type { CheckpointFiles } from './files.ts';

/**
 * A checkpoint's scheduler config. What the index calls the scheduler is what it is, as in diffusers: the class in its
 * own file may be left from the one it was made from.
 * @throws CheckpointError when it is missing or not a JSON object
 */
export async function openSchedulerConfig(
  files: CheckpointFiles,
  paths: ReadonlySet<string>,
  className: string,
): Promise<Config> {
  const { file, values } = await readConfig(files, paths, 'scheduler/scheduler_config.json');
  return new Config(file, { ...values, _class_name: className });
}
