import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schedulerClasses } from '../../models/schedulers/create.ts';
import type { ParitySettings } from './request.ts';

/**
 * What a checkpoint says of itself; where it says nothing, what Stable Diffusion does.
 * @param folder absolute
 * @returns null when there is no checkpoint in it
 */
export function ownSettings(folder: string): ParitySettings | null {
  const read = (path: string): Record<string, unknown> => {
    const file = join(folder, path);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  };
  if (!existsSync(join(folder, 'model_index.json'))) return null;
  const defaults = read('generation_config.json');
  const levels = read('vae/config.json').block_out_channels;
  const scale = 2 ** ((Array.isArray(levels) ? levels.length : 4) - 1);
  const side = Number(read('unet/config.json').sample_size ?? 64) * scale;
  const scheduler = String(read('scheduler/scheduler_config.json')._class_name);
  return {
    folder,
    steps: Number(defaults.num_inference_steps ?? 20),
    guidanceScale: Number(defaults.guidance_scale ?? 7.5),
    width: Number(defaults.width ?? side),
    height: Number(defaults.height ?? side),
    // A scheduler that only diffusers has is no comparison.
    scheduler: schedulerClasses.includes(scheduler) ? scheduler : schedulerClasses[0]!,
    start: null,
  };
}
