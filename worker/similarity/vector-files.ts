import { readSafetensors, SafetensorsError, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';
import type { MadeVectors } from './spaces.ts';

const nothing: MadeVectors = { prompt: null, embedding: null };

/**
 * Vectors that took a model, as `.safetensors` in R2 with `prompt` and `embedding`, each where there is one: of latents, by
 * their keys. The index is made of them, and can be made anew.
 */
export class VectorFiles {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async ofLatent(key: string): Promise<MadeVectors> {
    return (await this.#read(latentFile(key))) ?? nothing;
  }

  /** Before the latent's row is written: what has a row has its vectors. */
  async keepOfLatent(key: string, vectors: MadeVectors): Promise<void> {
    await this.#write(latentFile(key), vectors);
  }

  async forgetLatent(key: string): Promise<void> {
    await this.#bucket.delete(latentFile(key));
  }

  async #read(name: string): Promise<MadeVectors | null> {
    const blob = await this.#bucket.get(name);
    if (blob === null) return null;
    try {
      const tensors = readSafetensors(new Uint8Array(await blob.arrayBuffer()));
      return { prompt: floatsOf(tensors.get('prompt')), embedding: floatsOf(tensors.get('embedding')) };
    } catch (error) {
      // What is damaged is as good as gone.
      if (error instanceof SafetensorsError) return null;
      throw error;
    }
  }

  async #write(name: string, vectors: MadeVectors): Promise<void> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, data] of Object.entries(vectors)) if (data) tensors[name] = { data, dims: [data.length] };
    if (Object.keys(tensors).length > 0) await this.#bucket.put(name, writeSafetensors(tensors));
  }
}

function floatsOf(tensor: Tensor | undefined): Float32Array | null {
  return tensor?.data instanceof Float32Array ? tensor.data : null;
}

function latentFile(key: string): string {
  return `vectors/latents/${key}.safetensors`;
}
