import { checkpointDigest } from '../../models/checkpoint/digest.ts';
import type { Checkpoint } from '../../models/checkpoint/folder.ts';
import { outliersFile } from '../../models/outlier/held-out.ts';

/**
 * The digest of all in a checkpoint that its figures depend on: measures of its held-out scenes are made of the same weights,
 * and when they are written anew, every figure still holds.
 */
export function figuresDigest(checkpoint: Checkpoint): Promise<string> {
  return checkpointDigest({ ...checkpoint, contents: checkpoint.contents.filter(path => path !== outliersFile) });
}
