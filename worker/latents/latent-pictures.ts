/** What latents look like: kept where somebody has looked, else decoded by a backend, and kept. */
import type { Tensor } from '../../models/runtime.ts';
import { type Pixels, RetryLater } from '../../schema/context.ts';
import { BackendError, BackendUnreachable } from '../../wire/backend-error.ts';
import type { BackendClient } from '../../wire/client.ts';
import { type BackendPool, queueFull } from '../backends/pool.ts';
import type { LatentStore } from './latent-store.ts';

/** Somebody is waiting for an answer. */
const patienceMs = 60_000;
const retryAfterMs = 2_000;

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
    const { client } = await this.#pool.choose(checkpointDigest);
    const pixels = await this.#decode(client, key, checkpointDigest).catch(retryLater);
    await this.#store.keepPixels(key, pixels);
    return pixels;
  }

  async #decode(client: BackendClient, key: string, checkpoint: string): Promise<Pixels> {
    const { data, dims } = await this.#store.tensor(key);
    const latent = { data, dims: [1, ...dims] };
    const plan = { version: 1, checkpoint, stages: [{ stage: 'DECODE' }], returns: ['pixels'] } as const;
    let decoded: Tensor | undefined;
    for await (const { tensors } of client.run(plan, { latent }, AbortSignal.timeout(patienceMs))) {
      decoded ??= tensors.get('pixels');
    }
    const [, height, width] = decoded?.dims ?? [];
    if (!(decoded?.data instanceof Uint8Array) || !height || !width) {
      throw new BackendUnreachable('the backend ended without pixels');
    }
    return { data: decoded.data, height, width };
  }
}

function retryLater(error: unknown): never {
  if (error instanceof BackendError && error.code === 'queue_full') throw queueFull();
  const isPassing =
    error instanceof BackendUnreachable ||
    (error instanceof BackendError && error.retryable) ||
    (error instanceof DOMException && error.name === 'TimeoutError');
  if (!isPassing) throw error;
  throw new RetryLater('BACKEND_UNAVAILABLE', 'No GPU backend could decode the latent in time', retryAfterMs);
}
