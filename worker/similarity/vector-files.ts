import { readSafetensors, SafetensorsError, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';
import { canonicalJson } from '../latents/canonical-json.ts';
import { sha256 } from '../latents/digest.ts';
import type { MadeVectors } from './spaces.ts';

const nothing: MadeVectors = { prompt: null, embedding: null };

/**
 * Vectors that took a model, as `.safetensors` in R2 with `prompt` and `embedding`, each where there is one: of latents by
 * their keys, of texts by their tokens. The index is made of them, and can be made anew.
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

  /** Null for a text that was never encoded. */
  async ofText(checkpointDigest: string, tokenIds: TokenIds): Promise<MadeVectors | null> {
    return this.#read(await textFile(checkpointDigest, tokenIds));
  }

  async keepOfText(checkpointDigest: string, tokenIds: TokenIds, vectors: MadeVectors): Promise<void> {
    await this.#write(await textFile(checkpointDigest, tokenIds), vectors);
  }

  async #read(name: string): Promise<MadeVectors | null> {
    const blob = await this.#bucket.get(name);
    if (blob === null) return null;
    try {
      const tensors = readSafetensors(new Uint8Array(await blob.arrayBuffer()));
      return { prompt: floatsOf(tensors.get('prompt')), embedding: floatsOf(tensors.get('embedding')) };
    } catch (error) {
      // What is damaged is as good as gone: a text is encoded again.
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

/** A padded list for each text encoder: texts that the model cannot tell apart are the same. */
export type TokenIds = readonly (readonly number[])[];

function floatsOf(tensor: Tensor | undefined): Float32Array | null {
  return tensor?.data instanceof Float32Array ? tensor.data : null;
}

function latentFile(key: string): string {
  return `vectors/latents/${key}.safetensors`;
}

async function textFile(checkpoint: string, tokenIds: TokenIds): Promise<string> {
  return `vectors/texts/${await sha256(canonicalJson({ kind: 'text', version: 1, checkpoint, tokenIds }))}.safetensors`;
}
