/** Latents and the pixels decoded from them: blobs in R2, rows in D1. What has a key never changes. */
import type { FloatTensor } from '../../models/runtime.ts';
import type { LatentPage, LatentState, Pixels } from '../../schema/context.ts';
import { type LatentOrigin, type LatentSourceType, sourceTypeOf } from '../provenance/source-type.ts';
import { reportDamage } from './damage.ts';
import { type FoundRow, type LatentRow, LatentRows, stateOf } from './latent-rows.ts';
import { DamagedBlob, digestOf, MissingBlob, TensorBlobs } from './tensor-blobs.ts';

export interface NewLatent {
  readonly key: string;
  /** `[channels, height, width] float32`, as diffusers scales it. */
  readonly latent: FloatTensor;
  /** Null where it is not decoded yet. */
  readonly pixels: Pixels | null;
  readonly checkpointDigest: string;
  /** What it was made of. Absent: nobody noted it. */
  readonly origin?: LatentOrigin;
  /** Absent where nobody will ask. */
  readonly madeWith?: MadeWith;
  /** What the discriminator said of the pixels, where it was asked. */
  readonly score?: number | null;
  /** Where what it is compared by was put, which is the latent's from now on, or dropped; absent or empty: nowhere. */
  readonly vectorsBlob?: string;
}

/** With what a latent was computed. */
export interface MadeWith {
  readonly runtime: string;
  readonly executionProvider: string;
  /** Darkroom's version. */
  readonly darkroom: string;
  /** Of all backends that had a part in it, in order. Absent where that was not noted. */
  readonly kinds?: readonly string[];
}

/** A latent that is whole. */
export interface IntactLatent {
  readonly key: string;
  readonly hasPixels: boolean;
  /** Null where that is not known. */
  readonly madeWith: MadeWith | null;
  /** Null where the discriminator was never asked. */
  readonly score: number | null;
}

export class LatentStore {
  readonly #blobs: TensorBlobs;
  readonly #rows: LatentRows;

  constructor(blobs: R2Bucket, db: D1Database) {
    this.#blobs = new TensorBlobs(blobs);
    this.#rows = new LatentRows(db);
  }

  /**
   * Keeps a latent and its pixels; the first with a key stays, so that what was served once is served for ever, unless
   * it is damaged. Which blobs a key has is for its row to say: whoever inserts it was first.
   */
  async save({
    key,
    latent,
    pixels,
    checkpointDigest,
    origin,
    madeWith,
    score = null,
    vectorsBlob = '',
  }: NewLatent): Promise<void> {
    const digest = await digestOf(latent);
    const kept = await this.#rows.find(key);
    if (kept !== null && (await this.#isIntact(kept))) {
      if (score !== null) await this.keepScore(key, score);
      if (pixels !== null && kept.pixels_blob === '') await this.keepPixels(key, pixels);
      if (vectorsBlob !== '') await this.#blobs.drop(vectorsBlob);
      return compare(stateOf(kept), digest, checkpointDigest);
    }
    const [latentBlob, pixelsBlob] = await Promise.all([
      this.#blobs.put('latents', latent, digest),
      pixels === null ? '' : this.#putPixels(pixels),
    ]);
    const now = new Date().toISOString();
    const row: LatentRow = {
      key,
      digest,
      shape: JSON.stringify(latent.dims),
      dtype: 'F32',
      bytes: latent.data.byteLength,
      checkpoint_digest: checkpointDigest,
      created_at: now,
      latent_blob: latentBlob,
      pixels_blob: pixelsBlob || (kept?.pixels_blob ?? ''),
      vectors_blob: vectorsBlob,
      made_with: madeWith ? JSON.stringify(madeWith) : null,
      score,
      source_type: origin === undefined ? null : await this.#sourceTypeOf(origin),
      used_at: now,
    };
    // The row last: what has a row has its blobs.
    if (await this.#rows.insert(row)) return;
    if (kept !== null) {
      if (vectorsBlob !== '') await this.#blobs.drop(vectorsBlob);
      return this.#rows.mend(row);
    }
    await Promise.all([latentBlob, pixelsBlob, vectorsBlob].filter(Boolean).map(name => this.#blobs.drop(name)));
    const first = await this.find(key);
    if (first !== null) compare(first, digest, checkpointDigest);
  }

  /**
   * A latent to be used again, its bytes compared with its digest. What is damaged is dropped: numbers for good, so that
   * null is answered and whoever asked computes them anew, and pixels until they are decoded anew.
   */
  async intact(key: string): Promise<IntactLatent | null> {
    const row = await this.#rows.find(key);
    if (row === null || !(await this.#isIntact(row))) return null;
    const [pixels] = await Promise.all([this.#pixelsOf(row), this.#rows.touch(row)]);
    const madeWith = row.made_with === null ? null : (JSON.parse(row.made_with) as MadeWith);
    return { key, hasPixels: pixels !== null, madeWith, score: row.score };
  }

  async find(key: string): Promise<LatentState | null> {
    const row = await this.#rows.find(key);
    return row && stateOf(row);
  }

  /** What a latent's picture is. Null where that was not noted, and for a latent that is not there. */
  async sourceType(key: string): Promise<LatentSourceType | null> {
    return (await this.#rows.find(key))?.source_type ?? null;
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
    return (await this.#read(await this.#existing(key))).file;
  }

  /** `[channels, height, width] float32`. @throws DamagedBlob when its numbers are not those that were stored */
  async tensor(key: string): Promise<FloatTensor> {
    return (await this.#read(await this.#existing(key))).latent;
  }

  /** Null where nobody has decoded it, or what was decoded is damaged. @throws DamagedBlob when there is no such latent */
  async pixels(key: string): Promise<Pixels | null> {
    const row = await this.#existing(key);
    const [pixels] = await Promise.all([this.#pixelsOf(row), this.#rows.touch(row)]);
    return pixels;
  }

  /** Keeps what was decoded of a latent; what there is already stays. */
  async keepPixels(key: string, pixels: Pixels): Promise<void> {
    const name = await this.#putPixels(pixels);
    if (!(await this.#rows.setPixels(key, name))) await this.#blobs.drop(name);
  }

  async keepScore(key: string, score: number): Promise<void> {
    await this.#rows.setScore(key, score);
  }

  async #sourceTypeOf(origin: LatentOrigin): Promise<LatentSourceType> {
    if (origin === 'SENT') return sourceTypeOf([null]);
    return sourceTypeOf(await Promise.all(origin.map(key => this.sourceType(key))));
  }

  #putPixels({ data, width, height }: Pixels): Promise<string> {
    return this.#blobs.put('pixels', { data, dims: [height, width, 3] });
  }

  async #pixelsOf({ key, pixels_blob: name }: LatentRow): Promise<Pixels | null> {
    if (name === '') return null;
    try {
      const { data, dims } = await this.#blobs.tensor(name);
      const [height, width] = dims;
      if (!(data instanceof Uint8Array) || !height || !width) throw new DamagedBlob(`${name} is no image`);
      return { data, width, height };
    } catch (error) {
      if (!(error instanceof DamagedBlob)) throw error;
      reportDamage(name, error);
      await this.#rows.clearPixels(key, name);
      await this.#blobs.drop(name);
      return null;
    }
  }

  /** Whether a row's numbers are those that were stored; where they are not, what is there in their place is dropped. */
  async #isIntact(row: LatentRow): Promise<boolean> {
    try {
      await this.#read(row);
      return true;
    } catch (error) {
      if (!(error instanceof DamagedBlob)) throw error;
      if (error instanceof MissingBlob) return false;
      reportDamage(row.latent_blob, error);
      await this.#blobs.drop(row.latent_blob);
      return false;
    }
  }

  async #read({ latent_blob: name, digest }: LatentRow) {
    const { file, tensor } = await this.#blobs.read(name);
    const { data, dims } = tensor;
    if (!(data instanceof Float32Array) || (await digestOf({ data, dims })) !== digest)
      throw new DamagedBlob(`${name} does not have the digest ${digest}`);
    return { file, latent: { data, dims } };
  }

  async #existing(key: string): Promise<FoundRow> {
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
