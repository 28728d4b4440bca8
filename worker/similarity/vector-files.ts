import { readSafetensors, SafetensorsError, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';
import type { MadeVectors } from './spaces.ts';

const nothing: MadeVectors = { prompt: null, embedding: null };

/**
 * Vectors of latents that took a model, as `.safetensors` in R2 with `prompt` and `embedding`, each where there is one. A
 * latent's row says where its are. The index is made of them, and can be made anew.
 */
export class VectorFiles {
  readonly #bucket: R2Bucket;
  readonly #db: D1Database;

  constructor(bucket: R2Bucket, db: D1Database) {
    this.#bucket = bucket;
    this.#db = db;
  }

  /** Nothing for a latent that has no row, or none yet that says where they are. */
  async ofLatent(key: string): Promise<MadeVectors> {
    return this.read(await this.#blobOf(key));
  }

  /** Under a name of its own whenever it is called. @returns the name; empty where there is nothing to put */
  async put(key: string, vectors: MadeVectors): Promise<string> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, data] of Object.entries(vectors)) if (data) tensors[name] = { data, dims: [data.length] };
    if (Object.keys(tensors).length === 0) return '';
    const blob = `vectors/latents/${key}-${crypto.randomUUID()}.safetensors`;
    await this.#bucket.put(blob, writeSafetensors(tensors));
    return blob;
  }

  /** In place of those that a latent has. */
  async replace(key: string, vectors: MadeVectors): Promise<void> {
    const before = await this.#blobOf(key);
    const blob = await this.put(key, vectors);
    const update = 'UPDATE latents SET vectors_blob = ? WHERE key = ? AND vectors_blob = ?';
    const { meta } = await this.#db.prepare(update).bind(blob, key, before).run();
    // Others were quicker, or the latent is gone.
    await this.drop(meta.changes > 0 ? before : blob);
  }

  async read(blob: string): Promise<MadeVectors> {
    const found = blob === '' ? null : await this.#bucket.get(blob);
    if (found === null) return nothing;
    try {
      const tensors = readSafetensors(new Uint8Array(await found.arrayBuffer()));
      return { prompt: floatsOf(tensors.get('prompt')), embedding: floatsOf(tensors.get('embedding')) };
    } catch (error) {
      // What is damaged is as good as gone.
      if (error instanceof SafetensorsError) return nothing;
      throw error;
    }
  }

  async drop(blob: string): Promise<void> {
    if (blob !== '') await this.#bucket.delete(blob);
  }

  async #blobOf(key: string): Promise<string> {
    const row = await this.#db
      .prepare('SELECT vectors_blob FROM latents WHERE key = ?')
      .bind(key)
      .first<{ readonly vectors_blob: string }>();
    return row?.vectors_blob ?? '';
  }
}

function floatsOf(tensor: Tensor | undefined): Float32Array | null {
  return tensor?.data instanceof Float32Array ? tensor.data : null;
}
