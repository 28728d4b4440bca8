import { LatentScale } from './autoencoder/latent-scale.ts';
import { Autoencoder } from './autoencoder.ts';
import { openComponent } from './checkpoint/component.ts';
import type { CheckpointFiles } from './checkpoint/files.ts';
import { ParameterError } from './parameter-error.ts';
import { toPixels } from './pixels.ts';
import type { FloatTensor, Runtime, Tensor } from './runtime.ts';

/**
 * Makes pictures of latents: the autoencoder's decoder, fed with latents as the UNet has them. All that a place needs
 * which only looks at latents, such as a browser.
 *
 * @example
 * const decoder = await LatentDecoder.open(files, runtime);
 * const { data, dims } = await decoder.decodeToPixels(latent); // [1, height, width, 3] uint8
 */
export class LatentDecoder {
  readonly autoencoder: Autoencoder;
  readonly scale: LatentScale;

  /** @param byChannel whether the latents were brought to what is usual for each of their channels: see `LatentScale` */
  constructor(autoencoder: Autoencoder, byChannel: boolean) {
    this.autoencoder = autoencoder;
    this.scale = new LatentScale(autoencoder.config, byChannel);
  }

  /**
   * Opens a decoder alone: of the folder only `vae/config.json` is read, and the weights beside it, all of them or
   * `decoderSlice`'s. Where the config says what is
   * usual for each channel, latents are taken to be brought to that: only autoencoders of SDXL say it, whose latents are.
   * @throws CheckpointError when the config is not one that is supported, or a weight is missing or has another shape
   */
  static async open(files: CheckpointFiles, runtime: Runtime): Promise<LatentDecoder> {
    const component = await openComponent(files, new Set(await files.list()), 'vae', 'AutoencoderKL');
    const autoencoder = new Autoencoder(component, runtime, { decodesOnly: true });
    autoencoder.check();
    return new LatentDecoder(autoencoder, true);
  }

  /**
   * @param latent `[batch, channels, height/8, width/8] float32`, as `denoise` yields it
   * @returns `[batch, 3, height, width] float32`, about -1..1, not clamped
   * @throws RangeError when it is not such, ModelError
   */
  async decode(latent: FloatTensor, options: { signal?: AbortSignal } = {}): Promise<FloatTensor> {
    const { latentChannels } = this.autoencoder.config;
    const [batch = 0, ...dims] = latent.dims;
    if (batch < 1 || dims.length !== 3 || dims[0] !== latentChannels) {
      throw new ParameterError(`a latent [${latent.dims}], expected [images, ${latentChannels}, height, width]`);
    }
    const size = latent.data.length / batch;
    // One picture at a time: the same memory and the same bytes however many there are.
    const images: FloatTensor[] = [];
    for (let item = 0; item < batch; item++) {
      options.signal?.throwIfAborted();
      const one = { data: latent.data.subarray(item * size, (item + 1) * size), dims: [1, ...dims] };
      images.push(await this.autoencoder.decode(this.scale.toAutoencoder(one)));
    }
    const [first] = images as [FloatTensor];
    const data = new Float32Array(batch * first.data.length);
    for (const [item, image] of images.entries()) data.set(image.data, item * first.data.length);
    return { data, dims: [batch, ...first.dims.slice(1)] };
  }

  /** `decode`, as `[batch, height, width, 3] uint8`. @throws RangeError, ModelError */
  async decodeToPixels(latent: FloatTensor, options: { signal?: AbortSignal } = {}): Promise<Tensor<Uint8Array>> {
    return toPixels(await this.decode(latent, options));
  }

  /** Creates the session now instead of at first use. @throws CheckpointError */
  load(): Promise<void> {
    return this.autoencoder.loadDecoder();
  }

  /** Frees the session; it can be used again, and then creates it anew. */
  release(): Promise<void> {
    return this.autoencoder.release();
  }
}
