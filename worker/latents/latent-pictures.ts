/** What latents look like: kept where somebody has looked, else decoded by a backend, and kept. */
import type { Pixels } from '../../schema/context.ts';
import type { Plan } from '../../wire/plan.ts';
import type { BackendPool } from '../backends/pool.ts';
import { runNow } from '../backends/run-now.ts';
import type { LatentStore } from './latent-store.ts';
import { DamagedBlob } from './tensor-blobs.ts';

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
   * @throws DamagedBlob where there is no such latent
   */
  async pixels(key: string): Promise<Pixels> {
    const kept = await this.#store.pixels(key);
    if (kept !== null) return kept;
    const pixels = await this.#decode(key);
    await this.#store.keepPixels(key, pixels);
    return pixels;
  }

  async #decode(key: string): Promise<Pixels> {
    const [state, { data, dims }] = await Promise.all([this.#store.find(key), this.#store.tensor(key)]);
    if (state === null) throw new DamagedBlob(`the row of latent ${key} is gone`);
    const plan: Plan = {
      version: 1,
      checkpoint: state.checkpointDigest,
      stages: [{ stage: 'DECODE' }],
      returns: ['pixels'],
    };
    const made = await runNow(this.#pool, plan, { latent: { data, dims: [1, ...dims] } });
    const { data: bytes, dims: shape } = made.get('pixels')!;
    const [, height = 0, width = 0] = shape;
    return { data: bytes as Uint8Array, height, width };
  }
}
