import { checkpointFiles } from '../../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { checkpointDigest } from '../../../models/checkpoint/digest.ts';
import { readDklat, writeDklat } from '../../../models/latent-file/dklat.ts';
import { leastBits, mostBits, quantise } from '../../../models/latent-file/quantised-latent.ts';
import { StableDiffusionPipeline } from '../../../models/pipeline.ts';
import { fromPixels } from '../../../models/pixels.ts';
import { cosine } from '../../../worker/similarity/cosine.ts';
import type { Codec } from './codecs.ts';
import { side } from './held-out.ts';

/** A checkpoint's autoencoder and embedder, run in this process. */
export class Laboratory {
  readonly #pipeline: StableDiffusionPipeline;
  readonly #digest: string;
  #last: { readonly pixels: Uint8Array; readonly latent: Float32Array } | null = null;

  private constructor(pipeline: StableDiffusionPipeline, digest: string) {
    this.#pipeline = pipeline;
    this.#digest = digest;
  }

  /** @throws CheckpointError; Error when it has no embedder */
  static async open(folder: string): Promise<Laboratory> {
    const pipeline = await StableDiffusionPipeline.load(checkpointFiles(folder), createOnnxRuntime({ folder }));
    if (!pipeline.embedder) throw new Error(`the checkpoint in ${folder} has no embedder`);
    return new Laboratory(pipeline, await checkpointDigest(pipeline.checkpoint));
  }

  /** The latent of a picture `[128, 128, 3] uint8`, `[channels, h, w]` as the UNet has it. The last one's is remembered. */
  async encode(pixels: Uint8Array): Promise<Float32Array> {
    if (this.#last?.pixels !== pixels) this.#last = { pixels, latent: await this.#encode(pixels) };
    return this.#last.latent;
  }

  async #encode(pixels: Uint8Array): Promise<Float32Array> {
    const { mean } = await this.#pipeline.encode(fromPixels({ data: pixels, dims: [1, side, side, 3] }));
    return this.#pipeline.scaleLatent(mean).data;
  }

  async decode(latent: Float32Array): Promise<Uint8Array> {
    return (await this.#pipeline.decodeToPixels({ data: latent, dims: [1, ...this.#shape] })).data;
  }

  /** Where the picture of a latent is in the embedder's space. */
  async embedding(latent: Float32Array): Promise<Float32Array> {
    return (await this.#pipeline.embedLatents({ data: latent, dims: [1, ...this.#shape] })).data;
  }

  /** How alike two pictures are to the embedder: each encoded and embedded. */
  async similarity(embedding: Float32Array, pixels: Uint8Array): Promise<number> {
    return cosine(embedding, await this.embedding(await this.#encode(pixels)));
  }

  /** `.dklat` files of this checkpoint. */
  get dklat(): Codec {
    const bits = Array.from({ length: mostBits - leastBits + 1 }, (_, i) => leastBits + i);
    return {
      name: '.dklat',
      settings: bits.map(each => ({
        name: `${each} bits`,
        code: async pixels => {
          const quantised = quantise({ data: await this.encode(pixels), dims: this.#shape }, each);
          const file = writeDklat(quantised, { checkpointDigest: this.#digest });
          return { bytes: file.byteLength, pixels: await this.decode(readDklat(file).latent.data) };
        },
      })),
    };
  }

  /** What the autoencoder does to a picture whose latent is kept as it is, in float32. */
  get unquantised(): Codec {
    const bytes = 4 * this.#shape.reduce((product, size) => product * size, 1);
    const code = async (pixels: Uint8Array) => ({ bytes, pixels: await this.decode(await this.encode(pixels)) });
    return { name: 'latent in float32', settings: [{ name: '', code }] };
  }

  get #shape(): [number, number, number] {
    return this.#pipeline.latentShape(side, side);
  }

  async release(): Promise<void> {
    await this.#pipeline.release();
  }
}
