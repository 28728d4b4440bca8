import type { Component } from './checkpoint/component.ts';
import type { Conditioning } from './conditioning.ts';
import { Graph } from './graph/graph.ts';
import { ParameterError } from './parameter-error.ts';
import type { FloatTensor, Runtime, WeightBytes } from './runtime.ts';
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
    this.#stage = new Stage('unet', name, runtime, () => unetGraph(this.config, Graph.over(name, weights)));
  }

  /**
   * @param sample `[batch, in, height, width] float32`, scaled as the scheduler wants it
   * @param timesteps one for each item of the batch, not always whole numbers
   * @param conditioning one row for each item of the batch
   * @returns `[batch, out, height, width] float32`: noise, velocity or the image itself, by the scheduler's
   *   `prediction_type`
   * @throws CheckpointError when the weights do not fit the config
   * @throws RangeError when the conditioning is not what this UNet was trained with
   * @throws ModelError when the result holds NaN or infinity
   */
  async predict(sample: FloatTensor, timesteps: readonly number[], conditioning: Conditioning): Promise<FloatTensor> {
    const outputs = await this.#stage.run({
      sample,
      timestep: { data: Float32Array.from(timesteps), dims: [timesteps.length] },
      encoder_hidden_states: conditioning.promptEmbeds,
      ...this.#additions(conditioning),
    });
    return outputs.out!;
  }

  #additions({ pooled, timeIds }: Conditioning): Readonly<Record<string, FloatTensor>> {
    const { addition } = this.config;
    if (!addition) return {};
    if (!pooled || !timeIds)
      throw new ParameterError('this UNet needs the pooled text and sizes beside the embeddings');
    const width = (pooled.dims[1] ?? 0) + (timeIds.dims[1] ?? 0) * addition.frequencies;
    if (width !== addition.inputWidth) {
      throw new ParameterError(
        `pooled text [${pooled.dims}] and sizes [${timeIds.dims}]: ${width} numbers, expected ${addition.inputWidth}`,
      );
    }
    return { text_embeds: pooled, time_ids: timeIds };
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
