/** Latents and the pixels decoded from them: blobs in R2, rows in D1. What has a key never changes. */
import { readSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { FloatTensor, Tensor } from '../../models/runtime.ts';
import type { LatentState } from '../../schema/context.ts';
import { sha256 } from './digest.ts';

/** `[height, width, 3] uint8` */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface NewLatent {
  readonly key: string;
  /** `[channels, height, width] float32`, as diffusers scales it. */
  readonly latent: FloatTensor;
  readonly pixels: Pixels;
  readonly checkpointDigest: string;
  readonly generationId: string;
}

/** A blob that is not what its row says. */
export class DamagedBlob extends Error {
  override readonly name = 'DamagedBlob';
}

export class LatentStore {
  readonly #blobs: R2Bucket;
  readonly #db: D1Database;

  constructor(blobs: R2Bucket, db: D1Database) {
    this.#blobs = blobs;
    this.#db = db;
  }

  /**
   * Keeps a latent and its pixels; the first with a key stays, so that what was served once is served for ever. Blobs
   * are named by what they hold, and which of them a key has is for its row to say: whoever inserts it was first.
   */
  async save({ key, latent, pixels, checkpointDigest, generationId }: NewLatent): Promise<void> {
    const digest = await digestOf(latent);
    const kept = await this.find(key);
    if (kept !== null) return compare(kept, digest, checkpointDigest);
    const image: Tensor = { data: pixels.data, dims: [pixels.height, pixels.width, 3] };
    const latentBlob = blobName('latents', digest, latent);
    const pixelsBlob = blobName('pixels', await digestOf(image), image);
    await Promise.all([
      this.#blobs.put(latentBlob, writeSafetensors({ latent })),
      this.#blobs.put(pixelsBlob, writeSafetensors({ pixels: image })),
    ]);
    // The row last: what has a row has its blobs.
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO latents
           (key, digest, shape, dtype, bytes, checkpoint_digest, generation_id, created_at, latent_blob, pixels_blob)
         VALUES (?, ?, ?, 'F32', ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
      )
      .bind(
        key,
        digest,
        JSON.stringify(latent.dims),
        latent.data.byteLength,
        checkpointDigest,
        generationId,
        new Date().toISOString(),
        latentBlob,
        pixelsBlob,
      )
      .run();
    if (meta.changes > 0) return;
    const first = await this.find(key);
    if (first !== null) compare(first, digest, checkpointDigest);
  }

  async find(key: string): Promise<LatentState | null> {
    const row = await this.#row(key);
    return row && fromRow(row);
  }

  /** Those that there are, by their keys, in one query. */
  async findMany(keys: readonly string[]): Promise<ReadonlyMap<string, LatentState>> {
    // All of them as one text: D1 binds at most a hundred values.
    const { results } = await this.#db
      .prepare('SELECT * FROM latents WHERE key IN (SELECT value FROM json_each(?))')
      .bind(JSON.stringify(keys))
      .all<LatentRow>();
    return new Map(results.map(row => [row.key, fromRow(row)]));
  }

  /**
   * The latent's `.safetensors` file.
   * @throws DamagedBlob when its numbers are not those that were stored
   */
  async file({ key, digest }: LatentState): Promise<Uint8Array<ArrayBuffer>> {
    const { latent_blob: name } = await this.#existing(key);
    const file = await this.#read(name);
    if ((await digestOf(readSafetensors(file).get('latent')!)) !== digest)
      throw new DamagedBlob(`${name} does not have the digest ${digest}`);
    return file;
  }

  /** @throws DamagedBlob when there are none */
  async pixels(key: string): Promise<Pixels> {
    const { pixels_blob: name } = await this.#existing(key);
    const tensor = readSafetensors(await this.#read(name)).get('pixels');
    const [height, width] = tensor?.dims ?? [];
    if (!(tensor?.data instanceof Uint8Array) || !height || !width) throw new DamagedBlob(`${name} is no image`);
    return { data: tensor.data, width, height };
  }

  #row(key: string): Promise<LatentRow | null> {
    return this.#db.prepare('SELECT * FROM latents WHERE key = ?').bind(key).first<LatentRow>();
  }

  async #existing(key: string): Promise<LatentRow> {
    const row = await this.#row(key);
    if (row === null) throw new DamagedBlob(`the row of latent ${key} is gone`);
    return row;
  }

  async #read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const blob = await this.#blobs.get(name);
    if (blob === null) throw new DamagedBlob(`${name} is gone`);
    return new Uint8Array(await blob.arrayBuffer());
  }
}

interface LatentRow {
  readonly key: string;
  readonly digest: string;
  readonly shape: string;
  readonly dtype: string;
  readonly bytes: number;
  readonly checkpoint_digest: string;
  readonly generation_id: string | null;
  readonly created_at: string;
  readonly latent_blob: string;
  readonly pixels_blob: string;
}

/** With the shape, which the digest of the numbers does not cover. */
function blobName(folder: 'latents' | 'pixels', digest: string, { dims }: Tensor): string {
  return `${folder}/${digest}-${dims.join('x')}.safetensors`;
}

/** SHA-256 of a tensor's bytes. */
function digestOf({ data }: Tensor): Promise<string> {
  return sha256(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
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

function fromRow(row: LatentRow): LatentState {
  return {
    key: row.key,
    digest: row.digest,
    shape: JSON.parse(row.shape) as number[],
    dtype: row.dtype,
    bytes: row.bytes,
    checkpointDigest: row.checkpoint_digest,
    generationId: row.generation_id,
    createdAt: row.created_at,
  };
}
