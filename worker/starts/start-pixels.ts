/** Pictures to start from, brought to their size: kept by what they are, so that a generation outlives the process. */
import type { Pixels } from '../../schema/context.ts';
import { TensorBlobs } from '../latents/tensor-blobs.ts';

export class StartPixels {
  readonly #blobs: TensorBlobs;

  constructor(bucket: R2Bucket) {
    this.#blobs = new TensorBlobs(bucket);
  }

  /** @returns the name to load them by */
  save({ data, width, height }: Pixels, digest: string): Promise<string> {
    return this.#blobs.put('starts', { data, dims: [height, width, 3] }, digest);
  }

  /** @returns `[1, height, width, 3] uint8` @throws DamagedBlob */
  async load(name: string): Promise<{ readonly data: Uint8Array; readonly dims: readonly number[] }> {
    const { data, dims } = await this.#blobs.tensor(name);
    return { data: data as Uint8Array, dims: [1, ...dims] };
  }
}
