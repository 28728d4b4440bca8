import { checkpointDigest } from '../../models/checkpoint/digest.ts';
import type { Checkpoint } from '../../models/checkpoint/folder.ts';
import { outliersFile } from '../../models/outlier/held-out.ts';

/**
 * The digest of all in a checkpoint that its figures depend on: not the measures of its held-out scenes, which are made of the
 * same weights, nor the discriminator, whose figures remember of which one they are. When these are made anew, all else holds.
 */
export function figuresDigest(checkpoint: Checkpoint): Promise<string> {
  return checkpointDigest({
    ...checkpoint,
    contents: checkpoint.contents.filter(path => path !== outliersFile && !path.startsWith('discriminator/')),
  });
}
