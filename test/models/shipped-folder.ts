/** The shipped checkpoint, in memory. */
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import type { Folder } from './tiny-checkpoint.ts';

/** Every file of it. */
export async function shippedFolder(): Promise<Folder> {
  const files = checkpointFiles('models/shipped');
  const paths = await files.list();
  return new Map(await Promise.all(paths.map(async path => [path, await files.read(path)] as const)));
}
