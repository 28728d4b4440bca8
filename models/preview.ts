import type { Component } from './checkpoint/component.ts';
import type { CheckpointFiles } from './checkpoint/files.ts';
import { ParameterError } from './parameter-error.ts';
import { bytesPerCell, type PreviewConfig, previewConfig } from './preview/config.ts';
import { readWeight } from './preview/weights.ts';
import type { FloatTensor, Tensor } from './runtime.ts';

/**
 * Small pictures of latents on their way, cheap enough for every step: each cell of a latent becomes a block of pixels that
 * is linear in the cells around it. No session, no runtime: under a millisecond for a latent of 16 x 16.
 *
 * What `models/training/preview` fits to a checkpoint's autoencoder; after the linear previews of latents that people have
 * long made by hand, such as https://discuss.huggingface.co/t/decoding-latents-to-rgb-without-upscaling/23204.
 */
export class LinearPreview {
  readonly config: PreviewConfig;
  /** `[bytes per cell, channels × kernel × kernel]`, in units of 0..255. Rows: the block's bytes as they lie in a picture. */
  readonly #weight: Float32Array;
  /** `[bytes per cell]` */
  readonly #bias: Float32Array;

  /** @param weight, bias as `load` reads them, of the sizes that the config says */
  constructor(config: PreviewConfig, weight: Float32Array, bias: Float32Array) {
    this.config = config;
    this.#weight = weight;
    this.#bias = bias;
  }

  /**
   * Reads its weights, a few kilobytes: `weight` `[3 pixels², channels, kernel, kernel]` and `bias` `[3 pixels²]`.
   * @throws CheckpointError when the config is not one that is supported, or the weights do not fit it
   */
  static async load({ config: file, weights }: Component, files: CheckpointFiles): Promise<LinearPreview> {
    const config = previewConfig(file);
    const { latentChannels, kernelSize } = config;
    const rows = bytesPerCell(config);
    const weight = await readWeight(files, weights, 'weight', [rows, latentChannels, kernelSize, kernelSize]);
    return new LinearPreview(config, weight, await readWeight(files, weights, 'bias', [rows]));
  }

  /**
   * @param latent `[batch, channels, h, w] float32`, as `denoise` yields it
   * @returns `[batch, h × pixels, w × pixels, 3] uint8`
   * @throws RangeError when it is not such
   */
  picture(latent: FloatTensor): Tensor<Uint8Array> {
    const { latentChannels, pixelsPerCell } = this.config;
    const [batch = 0, channels, height = 0, width = 0] = latent.dims;
    const fits = latent.dims.length === 4 && Math.min(batch, height, width) >= 1 && channels === latentChannels;
    if (!fits || latent.data.length !== batch * latentChannels * height * width) {
      throw new ParameterError(`a latent [${latent.dims}], expected [images, ${latentChannels}, height, width]`);
    }
    const cells = height * width;
    // Rounds as `toPixels` does, half to even, and keeps within 0..255.
    const data = new Uint8ClampedArray(batch * cells * this.#bias.length);
    for (let item = 0; item < batch; item++) {
      const one = latent.data.subarray(item * latentChannels * cells, (item + 1) * latentChannels * cells);
      this.#draw(one, height, width, data.subarray(item * cells * this.#bias.length));
    }
    return { data: new Uint8Array(data.buffer), dims: [batch, height * pixelsPerCell, width * pixelsPerCell, 3] };
  }

  /** @param latent `[channels, height, width]` @param picture `[height × pixels, width × pixels, 3]`, filled */
  #draw(latent: Float32Array, height: number, width: number, picture: Uint8ClampedArray): void {
    const { pixelsPerCell: pixels } = this.config;
    const [weight, bias] = [this.#weight, this.#bias];
    const size = weight.length / bias.length;
    const near = new Float32Array(size);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        this.#gather(latent, height, width, y, x, near);
        for (let pixel = 0; pixel < pixels * pixels; pixel++) {
          const row = pixel * 3;
          const [red, green, blue] = [row * size, (row + 1) * size, (row + 2) * size];
          let [r, g, b] = [bias[row]!, bias[row + 1]!, bias[row + 2]!];
          for (let i = 0; i < size; i++) {
            const value = near[i]!;
            r += weight[red + i]! * value;
            g += weight[green + i]! * value;
            b += weight[blue + i]! * value;
          }
          const top = y * pixels + Math.floor(pixel / pixels);
          const at = (top * width * pixels + x * pixels + (pixel % pixels)) * 3;
          picture[at] = r;
          picture[at + 1] = g;
          picture[at + 2] = b;
        }
      }
    }
  }

  /** What is around a cell, `[channels, kernel, kernel]` into `near`: beyond the border the edge is repeated. */
  #gather(latent: Float32Array, height: number, width: number, y: number, x: number, near: Float32Array): void {
    const { latentChannels, kernelSize } = this.config;
    const reach = (kernelSize - 1) / 2;
    let i = 0;
    for (let channel = 0; channel < latentChannels; channel++) {
      for (let dy = -reach; dy <= reach; dy++) {
        const row = (channel * height + Math.min(Math.max(y + dy, 0), height - 1)) * width;
        for (let dx = -reach; dx <= reach; dx++) near[i++] = latent[row + Math.min(Math.max(x + dx, 0), width - 1)]!;
      }
    }
  }
}
