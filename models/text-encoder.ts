import type { Component } from './checkpoint/component.ts';
import { Graph } from './graph/graph.ts';
import { ParameterError } from './parameter-error.ts';
import type { FloatTensor, Runtime, WeightBytes } from './runtime.ts';
import { Stage } from './stage.ts';
import { type TextEncoderConfig, textEncoderConfig } from './text-encoder/config.ts';
import { textEncoderGraph } from './text-encoder/graph.ts';

export interface TextEncoding {
  /** `[batch, sequence, width] float32`: what the chosen layer made. */
  readonly hiddenStates: FloatTensor;
  /** The same, normalised as the last layer's is. */
  readonly promptEmbeds: FloatTensor;
  /** `[batch, pooled width] float32`: the last layer where the text ends, projected where the class says so. */
  readonly pooled: FloatTensor;
}

/** CLIP's text encoder, with or without projection: what a prompt means, as the UNet understands it. */
export class TextEncoder {
  readonly config: TextEncoderConfig;
  readonly #stage: Stage;

  /** @throws CheckpointError when the config is not one that is supported */
  constructor({ name, class: className, config, weights }: Component, runtime: Runtime) {
    this.config = textEncoderConfig(config, className === 'CLIPTextModelWithProjection');
    const build = () => textEncoderGraph(this.config, Graph.over(name, weights));
    this.#stage = new Stage(name.replaceAll('_', ' '), name, runtime, build);
  }

  /**
   * @param ids token ids, one list for each prompt, all of one length
   * @param skip how many of the last layers to leave out; the pooled text is of the last one always
   * @throws RangeError when the ids or `skip` are not such
   * @throws CheckpointError when the weights do not fit the config
   * @throws ModelError when the result holds NaN or infinity
   */
  async encode(ids: readonly (readonly number[])[], skip = 0): Promise<TextEncoding> {
    const { vocabSize, maxPositions, layers } = this.config;
    const length = ids[0]?.length ?? 0;
    if (length < 1 || length > maxPositions || ids.some(list => list.length !== length)) {
      throw new ParameterError(`expected lists of 1 to ${maxPositions} token ids, all of one length`);
    }
    const flat = ids.flat();
    const bad = flat.find(id => !Number.isInteger(id) || id < 0 || id >= vocabSize);
    if (bad !== undefined) throw new ParameterError(`token id ${bad}: expected 0 to ${vocabSize - 1}`);
    if (!Number.isInteger(skip) || skip < 0 || skip > layers) {
      throw new ParameterError(`${skip} layers left out: expected 0 to ${layers}`);
    }
    const outputs = await this.#stage.run({
      input_ids: { data: Int32Array.from(flat), dims: [ids.length, length] },
      layer: { data: BigInt64Array.of(BigInt(layers - skip)), dims: [] },
    });
    return { hiddenStates: outputs.hidden_states!, promptEmbeds: outputs.prompt_embeds!, pooled: outputs.pooled! };
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
