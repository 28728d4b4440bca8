/** Latents that the laboratory makes: kept like all others, so that they are found, searched and made once. */
import type { FloatTensor } from '../../models/runtime.ts';
import type { LatentState, Pixels } from '../../schema/context.ts';
import { RequestError } from '../../schema/errors.ts';
import type { ReadImage } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import type { LatentOrigin } from '../provenance/source-type.ts';
import type { IndexedLatents } from '../similarity/indexed-latents.ts';
import type { MadeLatent, Workbench } from './workbench.ts';

/** A latent that is kept, with its picture. */
export interface PicturedLatent {
  readonly state: LatentState;
  readonly latent: FloatTensor;
  readonly pixels: Pixels;
}

export interface KeptLatentsOptions {
  readonly workbench: Pick<Workbench, 'encode' | 'decode'>;
  readonly store: Pick<LatentStore, 'find' | 'intact' | 'tensor' | 'pixels'>;
  readonly indexed: Pick<IndexedLatents, 'save'>;
}

/** A backend has a minute for each batch, and what it has made is kept after each. */
const decodedTogether = 4;

export class KeptLatents {
  readonly #options: KeptLatentsOptions;

  constructor(options: KeptLatentsOptions) {
    this.#options = options;
  }

  /** An image's latent; it is decoded when somebody looks at it. */
  async ofImage(card: CheckpointCard, image: ReadImage): Promise<{ state: LatentState; latent: FloatTensor }> {
    const { workbench, store } = this.#options;
    const { latentKey: key } = image;
    if ((await store.intact(key)) !== null) return { state: await this.#state(key), latent: await store.tensor(key) };
    const [made] =
      image.kind === 'LATENT'
        ? [{ latent: image.latent, pixels: null, embedding: null }]
        : await workbench.encode(card, [image.pixels], false);
    await this.#save(card, key, made!, 'SENT');
    return { state: await this.#state(key), latent: made!.latent };
  }

  /** An image's latent, encoded and decoded in one go where it is not here. */
  async ofImagePictured(card: CheckpointCard, image: ReadImage): Promise<PicturedLatent> {
    const { workbench, store } = this.#options;
    const { latentKey: key } = image;
    if ((await store.intact(key)) !== null) return this.pictured(card, key, await store.tensor(key), 'SENT');
    if (image.kind === 'LATENT') return this.pictured(card, key, image.latent, 'SENT');
    const [made] = await workbench.encode(card, [image.pixels], true);
    await this.#save(card, key, made!, 'SENT');
    return { state: await this.#state(key), latent: made!.latent, pixels: made!.pixels! };
  }

  /** @param origin what the latent was made of */
  async pictured(
    card: CheckpointCard,
    key: string,
    latent: FloatTensor,
    origin: LatentOrigin,
  ): Promise<PicturedLatent> {
    const kept = await this.#kept(key);
    if (kept) return { state: await this.#state(key), latent, pixels: kept };
    const [made] = await this.#options.workbench.decode(card, [latent]);
    await this.#save(card, key, made!, origin);
    return { state: await this.#state(key), latent, pixels: made!.pixels! };
  }

  /**
   * Has pictures of latents of one shape, of which those that are not here are decoded, a few at a time.
   * @param origin what all of them were made of
   */
  async decodeAll(
    card: CheckpointCard,
    latents: readonly { readonly key: string; readonly latent: FloatTensor }[],
    origin: LatentOrigin,
  ): Promise<void> {
    const { workbench, store } = this.#options;
    const intact = await Promise.all(latents.map(({ key }) => store.intact(key)));
    const missing = latents.filter((_, i) => !intact[i]?.hasPixels);
    for (let at = 0; at < missing.length; at += decodedTogether) {
      const some = missing.slice(at, at + decodedTogether);
      const made = await workbench.decode(
        card,
        some.map(({ latent }) => latent),
      );
      for (const [i, { key }] of some.entries()) await this.#save(card, key, made[i]!, origin);
    }
  }

  async #kept(key: string): Promise<Pixels | null> {
    const { store } = this.#options;
    return (await store.intact(key))?.hasPixels ? store.pixels(key) : null;
  }

  async #save(
    card: CheckpointCard,
    key: string,
    { latent, pixels, embedding }: MadeLatent,
    origin: LatentOrigin,
  ): Promise<void> {
    const checkpointDigest = card.digest;
    const vectors = { prompt: null, embedding };
    await this.#options.indexed.save({ key, latent, pixels, checkpointDigest, origin, vectors });
  }

  async #state(key: string): Promise<LatentState> {
    const state = await this.#options.store.find(key);
    if (state === null) throw gone(key);
    return state;
  }
}

/** Somebody has deleted it at this very moment. */
function gone(key: string): RequestError {
  return new RequestError('NOT_FOUND', `There is no latent ${key} any more`);
}
