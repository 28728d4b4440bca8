import { type AutoencoderTinyConfig, autoencoderTinyConfig } from './autoencoder-tiny/config.ts';
import { tinyDecoderGraph, tinyEncoderGraph } from './autoencoder-tiny/graph.ts';
import type { Component } from './checkpoint/component.ts';
import { Graph } from './graph/graph.ts';
import type { FloatTensor, Runtime, WeightBytes } from './runtime.ts';
import { Stage } from './stage.ts';

/**
 * A small autoencoder that was taught to do what a checkpoint's own one does, in a fraction of the time: TAESD
 * (https://github.com/madebyollin/taesd), as diffusers' `AutoencoderTiny`. Good enough to look at a latent on its way.
 * Latents go in and come out as the UNet has them.
 */
export class AutoencoderTiny {
  readonly config: AutoencoderTinyConfig;
  readonly #encoder: Stage;
  readonly #decoder: Stage;

  /** @throws CheckpointError when the config is not one that is supported */
  constructor({ name, config, weights }: Component, runtime: Runtime) {
    this.config = autoencoderTinyConfig(config);
    const stage = (stageName: string, build: typeof tinyDecoderGraph) =>
      new Stage(stageName, name, runtime, () => build(this.config, Graph.over(name, weights)));
    this.#encoder = stage('preview encoder', tinyEncoderGraph);
    this.#decoder = stage('preview decoder', tinyDecoderGraph);
  }

  /**
   * @param image `[batch, 3, height, width] float32` in -1..1
   * @returns a latent `[batch, channels, height/8, width/8] float32`, as the UNet has it
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async encode(image: FloatTensor): Promise<FloatTensor> {
    const { latent } = await this.#encoder.run({ image });
    return multiplied(latent!, this.config.scalingFactor);
  }

  /**
   * @param latent `[batch, channels, height/8, width/8] float32`, as the UNet has it
   * @returns `[batch, 3, height, width] float32`, about -1..1, not clamped
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async decode(latent: FloatTensor): Promise<FloatTensor> {
    const { image } = await this.#decoder.run({ latent: multiplied(latent, 1 / this.config.scalingFactor) });
    return image!;
  }

  /**
   * Checks that every weight of the decoder is there and has its shape: a folder may do without the encoder.
   * @returns what the decoder's session takes
   * @throws CheckpointError
   */
  check(): WeightBytes[] {
    return [this.#decoder.check()];
  }

  load(): Promise<void> {
    return this.#decoder.load();
  }

  async release(): Promise<void> {
    await Promise.all([this.#encoder.release(), this.#decoder.release()]);
  }
}

function multiplied(tensor: FloatTensor, factor: number): FloatTensor {
  return factor === 1 ? tensor : { data: tensor.data.map(value => value * factor), dims: tensor.dims };
}
