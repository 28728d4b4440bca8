import type { LatentState } from '../../schema/context.ts';
import { InputError, RequestError } from '../../schema/errors.ts';

/**
 * The stored latent that an input names by its `latentKey`.
 * @param path of the key in the input
 * @throws InputError for what is no key, RequestError NOT_FOUND
 */
export async function namedLatent(
  find: (key: string) => Promise<LatentState | null>,
  key: string,
  path: readonly string[],
): Promise<LatentState> {
  if (!/^[0-9a-f]{64}$/.test(key)) {
    throw new InputError([{ path, message: 'latentKey is not 64 lower-case hex digits' }]);
  }
  const latent = await find(key);
  if (latent === null) throw new RequestError('NOT_FOUND', `There is no latent ${key}`);
  return latent;
}
