import type { Component } from './checkpoint/component.ts';
import { type DiscriminatorConfig, discriminatorConfig } from './discriminator/config.ts';
import { discriminatorGraph } from './discriminator/graph.ts';
import { Graph } from './graph/graph.ts';
import { ParameterError } from './parameter-error.ts';
import type { FloatTensor, Runtime, WeightBytes } from './runtime.ts';
import { Stage } from './stage.ts';

/** Answers whether a picture looks like the data the checkpoint learned from: not what it shows, only how it looks. */
export class Discriminator {
  readonly config: DiscriminatorConfig;
  readonly #stage: Stage;

  /** @throws CheckpointError when the config is not one that is supported */
  constructor({ name, config, weights }: Component, runtime: Runtime) {
    this.config = discriminatorConfig(config);
    const build = () => discriminatorGraph(this.config, Graph.over(name, weights));
    this.#stage = new Stage('discriminator', name, runtime, build);
  }

  /**
   * @param image `[batch, 3, height, width] float32` in -1..1. Pictures of other sizes than it was trained with are scaled
   *   to that first, without keeping their aspect.
   * @returns `[batch] float32`: from 0, unlike the data, to 1
   * @throws RangeError when it is not such
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async score(image: FloatTensor): Promise<FloatTensor> {
    const [batch = 0, channels, height = 0, width = 0] = image.dims;
    if (image.dims.length !== 4 || batch < 1 || channels !== 3 || height < 1 || width < 1) {
      throw new ParameterError(`a picture [${image.dims}], expected [images, 3, height, width]`);
    }
    const { score } = await this.#stage.run({ image });
    return { data: score!.data, dims: [batch] };
  }

  /** Whether a score says that a picture looks like the data. */
  isReal(score: number): boolean {
    return score >= this.config.threshold;
  }

  /** Checks that every weight is there and has its shape. @returns what its session takes @throws CheckpointError */
  check(): WeightBytes[] {
    return [this.#stage.check()];
  }

  load(): Promise<void> {
    return this.#stage.load();
  }

  release(): Promise<void> {
    return this.#stage.release();
  }
}
