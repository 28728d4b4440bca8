import { type AutoencoderConfig, autoencoderConfig } from './autoencoder/config.ts';
import { decoderGraph, encoderGraph } from './autoencoder/graph.ts';
import { Posterior } from './autoencoder/posterior.ts';
import type { Component } from './checkpoint/component.ts';
import { Graph } from './graph/graph.ts';
import type { FloatTensor, Runtime, WeightBytes } from './runtime.ts';
import { Stage } from './stage.ts';
import { UnsupportedError } from './unsupported.ts';

/**
 * The image autoencoder of latent diffusion (Kingma and Welling 2014, https://arxiv.org/abs/1312.6114; Rombach et al.
 * 2022), as diffusers' `AutoencoderKL`. Latents go in and come out as the autoencoder has them, not scaled.
 */
export class Autoencoder {
  readonly config: AutoencoderConfig;
  readonly #encoder: Stage | null;
  readonly #decoder: Stage;

  /**
   * @param options.decodesOnly whether it only decodes: then its weights need not have the encoder's half
   * @throws CheckpointError when the config is not one that is supported
   */
  constructor(
    { name, config, weights }: Component,
    runtime: Runtime,
    options: { readonly decodesOnly?: boolean } = {},
  ) {
    this.config = autoencoderConfig(config);
    const stage = (stageName: string, build: typeof decoderGraph) =>
      new Stage(stageName, name, runtime, () => build(this.config, Graph.over(name, weights)));
    this.#encoder = options.decodesOnly ? null : stage('image encoder', encoderGraph);
    this.#decoder = stage('image decoder', decoderGraph);
  }

  /**
   * @param image `[batch, 3, height, width] float32` in -1..1, sides multiples of `config.scale`
   * @returns what latents `[batch, channels, height/8, width/8]` it may have
   * @throws UnsupportedError when it only decodes
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async encode(image: FloatTensor): Promise<Posterior> {
    if (!this.#encoder) throw new UnsupportedError('encoding a picture', 'a checkpoint with the encoder’s weights');
    const { moments } = await this.#encoder.run({ image });
    return new Posterior(moments!);
  }

  /**
   * @param latent `[batch, channels, height/8, width/8] float32`
   * @returns `[batch, 3, height, width] float32`, about -1..1, not clamped
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async decode(latent: FloatTensor): Promise<FloatTensor> {
    const { image } = await this.#decoder.run({ latent });
    return image!;
  }

  /**
   * Checks that every weight of its halves is there and has its shape.
   * @returns what the session of each takes
   * @throws CheckpointError
   */
  check(): WeightBytes[] {
    return [...(this.#encoder ? [this.#encoder.check()] : []), this.#decoder.check()];
  }

  async loadEncoder(): Promise<void> {
    await this.#encoder?.load();
  }

  loadDecoder(): Promise<void> {
    return this.#decoder.load();
  }

  async release(): Promise<void> {
    await Promise.all([this.#encoder?.release(), this.#decoder.release()]);
  }
}
