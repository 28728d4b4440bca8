import { StartError } from './options.ts';

/**
 * Whoever sets DEFAULT_CHECKPOINT does not want to learn from the first refused request that it is misspelt.
 * @param known names of the checkpoints that the backend has loaded
 * @throws StartError for a name that is none of them
 */
export function checkDefaultCheckpoint(
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): void {
  const name = env.DEFAULT_CHECKPOINT?.trim();
  if (!name || known.includes(name)) return;
  throw new StartError(
    `DEFAULT_CHECKPOINT is "${name}": expected the name of a checkpoint that CHECKPOINTS has: ${known.join(', ')}`,
  );
}
