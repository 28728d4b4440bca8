import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { autoencoderConfig } from '../../models/autoencoder/config.ts';
import { openCheckpoint } from '../../models/checkpoint/folder.ts';
import { generationDefaults } from '../../models/generation/defaults.ts';
import { type SchedulerName, schedulerNamesFor } from '../../models/schedulers/names.ts';
import { unetConfig } from '../../models/unet/config.ts';
import type { ParitySettings } from './request.ts';

/** A checkpoint's own settings, and the schedulers that it can run with. */
export interface OwnSettings extends Omit<ParitySettings, 'start'> {
  readonly schedulers: readonly SchedulerName[];
}

/**
 * What a checkpoint says of itself; where it says nothing, what Darkroom takes.
 * @param folder absolute
 * @returns null when there is no checkpoint in it
 * @throws CheckpointError when there is one that cannot be run
 */
export async function ownSettings(folder: string): Promise<OwnSettings | null> {
  if (!existsSync(join(folder, 'model_index.json'))) return null;
  const checkpoint = await openCheckpoint(checkpointFiles(folder));
  const { scale } = autoencoderConfig(checkpoint.vae.config);
  const [height, width] = unetConfig(checkpoint.unet.config).sampleSize;
  const defaults = await generationDefaults(checkpoint, width * scale, height * scale);
  return { folder, ...defaults, schedulers: schedulerNamesFor(checkpoint.scheduler.values) };
}
