/** Latents and the pixels decoded from them: blobs in R2, rows in D1. What has a key never changes. */
import type { FloatTensor } from '../../models/runtime.ts';
import type { LatentPage, LatentState, Pixels } from '../../schema/context.ts';
import { type LatentRow, LatentRows, stateOf } from './latent-rows.ts';
import { DamagedBlob, digestOf, TensorBlobs, tensorIn } from './tensor-blobs.ts';

export interface NewLatent {
  readonly key: string;
  /** `[channels, height, width] float32`, as diffusers scales it. */
  readonly latent: FloatTensor;
  /** Null where it is not decoded yet. */
  readonly pixels: Pixels | null;
  readonly checkpointDigest: string;
  /** Null where no generation made it. */
  readonly generationId: string | null;
}

export class LatentStore {
  readonly #blobs: TensorBlobs;
  readonly #rows: LatentRows;

  constructor(blobs: R2Bucket, db: D1Database) {
    this.#blobs = new TensorBlobs(blobs);
    this.#rows = new LatentRows(db);
  }

  /**
   * Keeps a latent and its pixels; the first with a key stays, so that what was served once is served for ever. Which
   * blobs a key has is for its row to say: whoever inserts it was first.
   */
  async save({ key, latent, pixels, checkpointDigest, generationId }: NewLatent): Promise<void> {
    const digest = await digestOf(latent);
    const kept = await this.find(key);
    if (kept !== null) return compare(kept, digest, checkpointDigest);
    const [latentBlob, pixelsBlob] = await Promise.all([
      this.#blobs.put('latents', latent, digest),
      pixels === null ? '' : this.#putPixels(pixels),
    ]);
    // The row last: what has a row has its blobs.
    const isFirst = await this.#rows.insert({
      key,
      digest,
      shape: JSON.stringify(latent.dims),
      dtype: 'F32',
      bytes: latent.data.byteLength,
      checkpoint_digest: checkpointDigest,
      generation_id: generationId,
      created_at: new Date().toISOString(),
      latent_blob: latentBlob,
      pixels_blob: pixelsBlob,
    });
    if (isFirst) return;
    const first = await this.find(key);
    if (first !== null) compare(first, digest, checkpointDigest);
  }

  async find(key: string): Promise<LatentState | null> {
    const row = await this.#rows.find(key);
    return row && stateOf(row);
  }

  /** Those that there are, by their keys, in one query. */
  async findMany(keys: readonly string[]): Promise<ReadonlyMap<string, LatentState>> {
    return new Map((await this.#rows.findMany(keys)).map(row => [row.key, stateOf(row)]));
  }

  /** Newest first; with `reverse` oldest first. */
  async list(page: LatentPage): Promise<readonly LatentState[]> {
    return (await this.#rows.list(page)).map(stateOf);
  }

  count(checkpointDigest: string | null): Promise<number> {
    return this.#rows.count(checkpointDigest);
  }

  /**
   * The latent's `.safetensors` file.
   * @throws DamagedBlob when its numbers are not those that were stored
   */
  async file({ key }: Pick<LatentState, 'key'>): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#read(key)).file;
  }

  /** `[channels, height, width] float32`. @throws DamagedBlob when its numbers are not those that were stored */
  async tensor(key: string): Promise<FloatTensor> {
    return (await this.#read(key)).latent;
  }

  /** Null where nobody has decoded it. @throws DamagedBlob when they were, and are gone */
  async pixels(key: string): Promise<Pixels | null> {
    const { pixels_blob: name } = await this.#existing(key);
    if (name === '') return null;
    const { data, dims } = await this.#blobs.tensor(name);
    const [height, width] = dims;
    if (!(data instanceof Uint8Array) || !height || !width) throw new DamagedBlob(`${name} is no image`);
    return { data, width, height };
  }

  /** Keeps what was decoded of a latent; what there is already stays. */
  async keepPixels(key: string, pixels: Pixels): Promise<void> {
    await this.#rows.setPixels(key, await this.#putPixels(pixels));
  }

  #putPixels({ data, width, height }: Pixels): Promise<string> {
    return this.#blobs.put('pixels', { data, dims: [height, width, 3] });
  }

  async #read(key: string): Promise<{ readonly file: Uint8Array<ArrayBuffer>; readonly latent: FloatTensor }> {
    const { latent_blob: name, digest } = await this.#existing(key);
    const file = await this.#blobs.file(name);
    const { data, dims } = tensorIn(file, name);
    if (!(data instanceof Float32Array) || (await digestOf({ data, dims })) !== digest)
      throw new DamagedBlob(`${name} does not have the digest ${digest}`);
    return { file, latent: { data, dims } };
  }

  async #existing(key: string): Promise<LatentRow> {
    const row = await this.#rows.find(key);
    if (row === null) throw new DamagedBlob(`the row of latent ${key} is gone`);
    return row;
  }
}

/** The same request should give the same bytes: where it does not, two backends compute differently. */
function compare(kept: LatentState, digest: string, checkpointDigest: string): void {
  if (kept.digest === digest) return;
  const { key, generationId } = kept;
  const report = { key, kept: kept.digest, made: digest, checkpointDigest, generationId };
  console.warn(
    JSON.stringify({ level: 'warn', where: 'latents', message: 'another digest for the same key', ...report }),
  );
}
