import type { Component } from './checkpoint/component.ts';
import { type EmbedderConfig, embedderConfig } from './embedder/config.ts';
import { latentTowerGraph, textTowerGraph } from './embedder/graph.ts';
import { Graph } from './graph/graph.ts';
import { ParameterError } from './parameter-error.ts';
import type { FloatTensor, Runtime, WeightBytes } from './runtime.ts';
import { Stage } from './stage.ts';

/**
 * Brings latents and texts into one space, in which what belongs together is near: after CLIP (Radford et al. 2021,
 * https://arxiv.org/abs/2103.00020), but of latents in place of pixels, so that it runs on what is cached, and on the
 * checkpoint's own text encoder. Embeddings are unit vectors: their dot product is the cosine.
 */
export class Embedder {
  readonly config: EmbedderConfig;
  readonly #latent: Stage;
  readonly #text: Stage;

  /** @throws CheckpointError when the config is not one that is supported */
  constructor({ name, config, weights }: Component, runtime: Runtime) {
    this.config = embedderConfig(config);
    const stage = (stageName: string, build: typeof latentTowerGraph) =>
      new Stage(stageName, name, runtime, () => build(this.config, Graph.over(name, weights)));
    this.#latent = stage('latent embedder', latentTowerGraph);
    this.#text = stage('text embedder', textTowerGraph);
  }

  /**
   * @param latent `[batch, channels, height/8, width/8] float32`, as the UNet has it. Latents of other sizes than the
   *   embedder was trained with are scaled to that first, without keeping their aspect.
   * @returns `[batch, size] float32`, of length 1 each
   * @throws RangeError when it is not such
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async embedLatents(latent: FloatTensor): Promise<FloatTensor> {
    const { latentChannels } = this.config;
    const [batch = 0, channels, height = 0, width = 0] = latent.dims;
    if (latent.dims.length !== 4 || batch < 1 || channels !== latentChannels || height < 1 || width < 1) {
      throw new ParameterError(`a latent [${latent.dims}], expected [images, ${latentChannels}, height, width]`);
    }
    const { embedding } = await this.#latent.run({ latent });
    return embedding!;
  }

  /**
   * @param hidden `[batch, sequence, width] float32`: the text encoder's prompt embeddings, without clip skip
   * @returns `[batch, size] float32`, of length 1 each
   * @throws RangeError when it is not such
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async embedTexts(hidden: FloatTensor): Promise<FloatTensor> {
    const { textWidth } = this.config;
    const [batch = 0, sequence = 0, width] = hidden.dims;
    if (hidden.dims.length !== 3 || batch < 1 || sequence < 1 || width !== textWidth) {
      throw new ParameterError(`prompt embeddings [${hidden.dims}], expected [texts, tokens, ${textWidth}]`);
    }
    const { embedding } = await this.#text.run({ hidden });
    return embedding!;
  }

  /** Checks that every weight is there and has its shape. @returns what each session takes @throws CheckpointError */
  check(): WeightBytes[] {
    return [this.#latent.check(), this.#text.check()];
  }

  async load(): Promise<void> {
    await this.#latent.load();
    await this.#text.load();
  }

  async release(): Promise<void> {
    await Promise.all([this.#latent.release(), this.#text.release()]);
  }
}
