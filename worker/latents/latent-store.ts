/** Latents and the pixels decoded from them: blobs in R2, rows in D1. What has a key never changes. */
import { readSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { FloatTensor } from '../../models/runtime.ts';
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

export const latentBlob = (key: string) => `latents/${key}.safetensors`;
const pixelBlob = (key: string) => `pixels/${key}.safetensors`;

export class LatentStore {
  readonly #blobs: R2Bucket;
  readonly #db: D1Database;

  constructor(blobs: R2Bucket, db: D1Database) {
    this.#blobs = blobs;
    this.#db = db;
  }

  /** Keeps a latent and its pixels; the first with a key stays, so that what was served once is served for ever. */
  async save({ key, latent, pixels, checkpointDigest, generationId }: NewLatent): Promise<void> {
    if ((await this.find(key)) !== null) return;
    const { buffer, byteOffset, byteLength } = latent.data;
    const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    await Promise.all([
      this.#blobs.put(latentBlob(key), writeSafetensors({ latent })),
      this.#blobs.put(
        pixelBlob(key),
        writeSafetensors({ pixels: { data: pixels.data, dims: [pixels.height, pixels.width, 3] } }),
      ),
    ]);
    // The row last: what has a row has its blobs.
    await this.#db
      .prepare(
        `INSERT INTO latents (key, digest, shape, dtype, bytes, checkpoint_digest, generation_id, created_at)
         VALUES (?, ?, ?, 'F32', ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
      )
      .bind(
        key,
        await sha256(bytes),
        JSON.stringify(latent.dims),
        byteLength,
        checkpointDigest,
        generationId,
        new Date().toISOString(),
      )
      .run();
  }

  async find(key: string): Promise<LatentState | null> {
    const row = await this.#db.prepare('SELECT * FROM latents WHERE key = ?').bind(key).first<LatentRow>();
    return row && fromRow(row);
  }

  /**
   * The latent's `.safetensors` file.
   * @throws DamagedBlob when its numbers are not those that were stored
   */
  async file({ key, digest }: LatentState): Promise<Uint8Array<ArrayBuffer>> {
    const file = await this.#read(latentBlob(key));
    const { data } = readSafetensors(file).get('latent')!;
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    if ((await sha256(bytes)) !== digest)
      throw new DamagedBlob(`${latentBlob(key)} does not have the digest ${digest}`);
    return file;
  }

  /** @throws DamagedBlob when there are none */
  async pixels(key: string): Promise<Pixels> {
    const tensor = readSafetensors(await this.#read(pixelBlob(key))).get('pixels');
    const [height, width] = tensor?.dims ?? [];
    if (!(tensor?.data instanceof Uint8Array) || !height || !width)
      throw new DamagedBlob(`${pixelBlob(key)} is no image`);
    return { data: tensor.data, width, height };
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
