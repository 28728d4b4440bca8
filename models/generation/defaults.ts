import type { CheckpointCard } from '../../wire/card.ts';
import { Config } from '../checkpoint/config.ts';
import type { Checkpoint } from '../checkpoint/folder.ts';
import { type SchedulerName, schedulerName, schedulerNamesFor } from '../schedulers/names.ts';

/**
 * What a checkpoint's pictures are made with where nothing else is asked for.
 * @throws CheckpointError when its `generation_config.json` is malformed
 */
export async function generationDefaults(
  { files, paths, scheduler }: Checkpoint,
  ownWidth: number,
  ownHeight: number,
): Promise<CheckpointCard['defaults'] & { readonly scheduler: SchedulerName }> {
  const file = 'generation_config.json';
  const config = paths.has(file) ? await Config.read(files, file) : new Config(file, {});
  const known = schedulerNamesFor(scheduler.values);
  const own = schedulerName(scheduler.values) ?? known[0]!;
  return {
    width: config.count('width', ownWidth),
    height: config.count('height', ownHeight),
    steps: config.count('num_inference_steps', 20),
    guidanceScale: config.number('guidance_scale', 7.5),
    scheduler: config.choice('scheduler', own, known),
  };
}
