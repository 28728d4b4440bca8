import type { Checkpoint } from './checkpoint/folder.ts';
import type { Conditioning } from './conditioning.ts';
import { ParameterError } from './parameter-error.ts';
import type { FloatTensor, Runtime, WeightBytes } from './runtime.ts';
import { TextEncoder, type TextEncoding } from './text-encoder.ts';

/** All text encoders of a checkpoint: a prompt as the UNet wants it. */
export class TextConditioning {
  readonly encoders: readonly TextEncoder[];
  /** Size of the embeddings that the UNet attends to. */
  readonly width: number;
  /** Size of the text as one vector. */
  readonly pooledWidth: number;
  /** How many layers can be left out, as diffusers counts. */
  readonly maxClipSkip: number;
  readonly #penultimate: boolean;
  /** Which encoder's pooled text counts: the first that projects it, where there is one. */
  readonly #pooling: number;

  /** @throws CheckpointError when a config is not one that is supported */
  constructor({ texts, textStates }: Checkpoint, runtime: Runtime) {
    this.encoders = texts.map(({ encoder }) => new TextEncoder(encoder, runtime));
    this.width = this.encoders.reduce((sum, { config }) => sum + config.width, 0);
    this.#penultimate = textStates === 'penultimate';
    const layers = Math.min(...this.encoders.map(({ config }) => config.layers));
    this.maxClipSkip = this.#penultimate ? layers - 1 : layers;
    this.#pooling = Math.max(
      0,
      this.encoders.findIndex(({ config }) => config.projection),
    );
    this.pooledWidth = this.encoders[this.#pooling]!.config.pooledWidth;
  }

  /**
   * @param ids of one prompt: a padded list for each text encoder
   * @param clipSkip how many more of the last layers to leave out, as diffusers counts
   * @returns rows of one: embeddings `[1, sequence, width]`, side by side where there are several encoders
   * @throws RangeError, CheckpointError, ModelError
   */
  async encode(
    ids: readonly (readonly number[])[],
    clipSkip: number,
  ): Promise<Conditioning & { readonly pooled: FloatTensor }> {
    if (ids.length !== this.encoders.length) {
      throw new ParameterError(
        `${ids.length} lists of token ids, expected one for each of ${this.encoders.length} text encoders`,
      );
    }
    if (ids.some(list => list.length !== ids[0]!.length))
      throw new ParameterError('lists of token ids of different lengths');
    const encodings: TextEncoding[] = [];
    for (const [i, encoder] of this.encoders.entries()) {
      encodings.push(await encoder.encode([ids[i]!], this.#penultimate ? clipSkip + 1 : clipSkip));
    }
    const states = encodings.map(each => (this.#penultimate ? each.hiddenStates : each.promptEmbeds));
    return { promptEmbeds: sideBySide(states), pooled: encodings[this.#pooling]!.pooled };
  }

  /** Checks that every weight is there and has its shape. @returns what each session takes @throws CheckpointError */
  check(): WeightBytes[] {
    return this.encoders.flatMap(encoder => encoder.check());
  }

  async load(): Promise<void> {
    for (const encoder of this.encoders) await encoder.load();
  }

  async release(): Promise<void> {
    await Promise.all(this.encoders.map(encoder => encoder.release()));
  }
}

/** `[1, sequence, a]`, `[1, sequence, b]`, … to `[1, sequence, a + b + …]`. */
function sideBySide(parts: readonly FloatTensor[]): FloatTensor {
  if (parts.length === 1) return parts[0]!;
  const sequence = parts[0]!.dims[1]!;
  const width = parts.reduce((sum, { dims }) => sum + dims[2]!, 0);
  const data = new Float32Array(sequence * width);
  let column = 0;
  for (const part of parts) {
    const own = part.dims[2]!;
    for (let token = 0; token < sequence; token++) {
      data.set(part.data.subarray(token * own, (token + 1) * own), token * width + column);
    }
    column += own;
  }
  return { data, dims: [1, sequence, width] };
}
