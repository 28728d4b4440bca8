import { logUnexpected } from '../http/unexpected.ts';

/** What is stored, or read, is not given up for an error of the storage that passes: half a minute's worth of attempts. */
const pausesMs = [500, 1_000, 2_000, 4_000, 8_000, 16_000];

/** @throws the last error */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of pausesMs) {
    try {
      return await work();
    } catch (error) {
      logUnexpected(error, 'storage');
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }
  return work();
}
