import type { Component } from './checkpoint/folder.ts';
import { Graph } from './graph/graph.ts';
import type { FloatTensor, Runtime } from './runtime.ts';
import { Stage } from './stage.ts';
import { type UNetConfig, unetConfig } from './unet/config.ts';
import { unetGraph } from './unet/graph.ts';

/** The network that predicts what is noise in a latent. */
export class UNet {
  readonly config: UNetConfig;
  readonly #stage: Stage;

  /** @throws CheckpointError when the config is not one that is supported */
  constructor({ name, config, weights }: Component, runtime: Runtime) {
    this.config = unetConfig(config);
    this.#stage = new Stage('unet', name, runtime, () => unetGraph(this.config, Graph.over(name, weights)).encode());
  }

  /**
   * @param sample `[batch, in, height, width] float32`, scaled as the scheduler wants it
   * @param timesteps one for each item of the batch, not always whole numbers
   * @param encoderHiddenStates text embeddings `[batch, sequence, width] float32`
   * @returns `[batch, out, height, width] float32`: noise, velocity or the image itself, by the scheduler's
   *   `prediction_type`
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async predict(
    sample: FloatTensor,
    timesteps: readonly number[],
    encoderHiddenStates: FloatTensor,
  ): Promise<FloatTensor> {
    const outputs = await this.#stage.run({
      sample,
      timestep: { data: Float32Array.from(timesteps), dims: [timesteps.length] },
      encoder_hidden_states: encoderHiddenStates,
    });
    return outputs.out!;
  }

  load(): Promise<void> {
    return this.#stage.load();
  }

  release(): Promise<void> {
    return this.#stage.release();
  }
}
