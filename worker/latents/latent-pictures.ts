/** What latents look like: kept where somebody has looked, else decoded by a backend, and kept. */
import type { Pixels } from '../../schema/context.ts';
import { BackendUnreachable } from '../../wire/backend-error.ts';
import type { BackendPool } from '../backends/pool.ts';
import { runNow } from '../backends/run-now.ts';
import type { LatentStore } from './latent-store.ts';

type Store = Pick<LatentStore, 'find' | 'pixels' | 'tensor' | 'keepPixels'>;

export class LatentPictures {
  readonly #store: Store;
  readonly #pool: Pick<BackendPool, 'choose'>;

  constructor(store: Store, pool: Pick<BackendPool, 'choose'>) {
    this.#store = store;
    this.#pool = pool;
  }

  /**
   * @throws RetryLater where it must be decoded and no backend does so now
   * @throws BackendError where a backend cannot
   */
  async pixels(key: string): Promise<Pixels> {
    const kept = await this.#store.pixels(key);
    if (kept !== null) return kept;
    const { checkpointDigest } = (await this.#store.find(key))!;
    const pixels = await this.#decode(key, checkpointDigest);
    await this.#store.keepPixels(key, pixels);
    return pixels;
  }

  async #decode(key: string, checkpoint: string): Promise<Pixels> {
    const { data, dims } = await this.#store.tensor(key);
    const latent = { data, dims: [1, ...dims] };
    const plan = { version: 1, checkpoint, stages: [{ stage: 'DECODE' }], returns: ['pixels'] } as const;
    const decoded = (await runNow(this.#pool, plan, { latent })).get('pixels')!;
    const [, height = 0, width = 0] = decoded.dims;
    if (!(decoded.data instanceof Uint8Array)) throw new BackendUnreachable('the backend’s pixels are no bytes');
    return { data: decoded.data, height, width };
  }
}
