import type { Component } from './checkpoint/folder.ts';
import { Graph } from './graph/graph.ts';
import type { FloatTensor, Runtime } from './runtime.ts';
import { Stage } from './stage.ts';
import { type TextEncoderConfig, textEncoderConfig } from './text-encoder/config.ts';
import { textEncoderGraph } from './text-encoder/graph.ts';

export interface TextEncoding {
  /** `[batch, sequence, width] float32`: what the UNet attends to. */
  readonly promptEmbeds: FloatTensor;
  /** `[batch, width] float32`: the last layer where the text ends. Clip skip does not change it. */
  readonly pooled: FloatTensor;
}

/** CLIP's text encoder: what a prompt means, as the UNet understands it. */
export class TextEncoder {
  readonly config: TextEncoderConfig;
  readonly #stage: Stage;

  /** @throws CheckpointError when the config is not one that is supported */
  constructor({ name, config, weights }: Component, runtime: Runtime) {
    this.config = textEncoderConfig(config);
    const build = () => textEncoderGraph(this.config, Graph.over(name, weights)).encode();
    this.#stage = new Stage('text encoder', name, runtime, build);
  }

  /**
   * @param ids token ids, one list for each prompt, all of one length
   * @param clipSkip how many of the last layers to leave out, as diffusers counts: null and 0 leave out none
   * @throws RangeError when the ids or `clipSkip` are not such
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async encode(ids: readonly (readonly number[])[], clipSkip: number | null = null): Promise<TextEncoding> {
    const { vocabSize, maxPositions, layers } = this.config;
    const length = ids[0]?.length ?? 0;
    if (length < 1 || length > maxPositions || ids.some(list => list.length !== length)) {
      throw new RangeError(`expected lists of 1 to ${maxPositions} token ids, all of one length`);
    }
    const flat = ids.flat();
    const bad = flat.find(id => !Number.isInteger(id) || id < 0 || id >= vocabSize);
    if (bad !== undefined) throw new RangeError(`token id ${bad}: expected 0 to ${vocabSize - 1}`);
    const skip = clipSkip ?? 0;
    if (!Number.isInteger(skip) || skip < 0 || skip > layers) {
      throw new RangeError(`clip skip ${skip}: expected 0 to ${layers}`);
    }
    const outputs = await this.#stage.run({
      input_ids: { data: Int32Array.from(flat), dims: [ids.length, length] },
      layer: { data: BigInt64Array.of(BigInt(layers - skip)), dims: [] },
    });
    return { promptEmbeds: outputs.prompt_embeds!, pooled: outputs.pooled! };
  }

  load(): Promise<void> {
    return this.#stage.load();
  }

  release(): Promise<void> {
    return this.#stage.release();
  }
}
