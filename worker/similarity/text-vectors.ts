import type { Tensor } from '../../models/runtime.ts';
import { encodingKey } from '../encodings/encoding-recipe.ts';
import type { EncodingStore } from '../encodings/encoding-store.ts';
import type { MadeVectors } from './spaces.ts';

/** A padded list for each text encoder: texts that the model cannot tell apart are the same. */
export type TokenIds = readonly (readonly number[])[];

/**
 * What texts are compared by, kept by their tokens: encodings like others, counted, evicted and deleted like those. Names
 * as in `MadeVectors`, each where there is one.
 */
export class TextVectors {
  readonly #encodings: Pick<EncodingStore, 'find' | 'keep'>;

  constructor(encodings: Pick<EncodingStore, 'find' | 'keep'>) {
    this.#encodings = encodings;
  }

  /** Null for a text that was never encoded. */
  async find(checkpointDigest: string, tokenIds: TokenIds): Promise<MadeVectors | null> {
    const kept = await this.#encodings.find(await textVectorsKey(checkpointDigest, tokenIds));
    return kept && { prompt: floatsOf(kept.prompt), embedding: floatsOf(kept.embedding) };
  }

  async keep(checkpointDigest: string, tokenIds: TokenIds, vectors: MadeVectors): Promise<void> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, data] of Object.entries(vectors)) if (data) tensors[name] = { data, dims: [data.length] };
    if (Object.keys(tensors).length === 0) return;
    await this.#encodings.keep(await textVectorsKey(checkpointDigest, tokenIds), tensors);
  }
}

/** Of the vectors of a text, among encodings. */
export function textVectorsKey(checkpoint: string, tokenIds: TokenIds): Promise<string> {
  return encodingKey({ kind: 'text-vectors', version: 1, checkpoint, tokenIds });
}

function floatsOf(tensor: Tensor | undefined): Float32Array | null {
  return tensor?.data instanceof Float32Array ? tensor.data : null;
}
