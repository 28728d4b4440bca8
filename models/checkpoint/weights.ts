import { CheckpointError } from './error.ts';
import type { CheckpointFiles } from './files.ts';
import { type DType, headerLength, parseHeader, SafetensorsError, type TensorEntry } from './safetensors.ts';

/** A tensor of a weight file: not its numbers, only where they lie. */
export interface Weight extends TensorEntry {
  readonly name: string;
  /** Path inside the checkpoint's folder. */
  readonly file: string;
}

/** The tensors of one component, by the names diffusers gives them. */
export class Weights {
  readonly #file: string;
  readonly #tensors: ReadonlyMap<string, TensorEntry>;

  /**
   * @param file path inside the checkpoint's folder, e.g. `unet/diffusion_pytorch_model.safetensors`
   * @param tensors the file's header
   */
  constructor(file: string, tensors: ReadonlyMap<string, TensorEntry>) {
    this.#file = file;
    this.#tensors = tensors;
  }

  /**
   * Reads the header of a weight file, never its weights.
   * @throws CheckpointError when it is not a safetensors file
   */
  static async open(files: CheckpointFiles, file: string): Promise<Weights> {
    const size = await files.size(file);
    try {
      const length = headerLength(await files.readRange(file, 0, Math.min(8, size)), size);
      return new Weights(file, parseHeader(await files.readRange(file, 8, 8 + length), size).tensors);
    } catch (error) {
      if (!(error instanceof SafetensorsError)) throw error;
      throw new CheckpointError(file, null, 'a safetensors file', error.message);
    }
  }

  get file(): string {
    return this.#file;
  }

  /** How many numbers the component has learned. Buffers such as `position_ids` are integers and do not count. */
  get parameterCount(): number {
    let count = 0;
    for (const { dtype, shape } of this.#tensors.values()) {
      if (isFloat(dtype)) count += shape.reduce((product, size) => product * size, 1);
    }
    return count;
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /**
   * A weight of exactly this shape.
   * @throws CheckpointError naming file, tensor, the shape needed and the one that is there
   */
  get(name: string, shape: readonly number[]): Weight {
    const entry = this.#find(name);
    if (!entry) throw new CheckpointError(this.#file, name, `a tensor ${format(shape)}`, 'none');
    if (entry.shape.length !== shape.length || entry.shape.some((size, axis) => size !== shape[axis])) {
      throw new CheckpointError(this.#file, name, format(shape), format(entry.shape));
    }
    if (!isFloat(entry.dtype)) throw new CheckpointError(this.#file, name, 'F32, F16 or BF16', entry.dtype);
    return { ...entry, name, file: this.#file };
  }

  #find(name: string): TensorEntry | undefined {
    for (const alias of aliases(name)) {
      const entry = this.#tensors.get(alias);
      if (entry) return entry;
    }
    return undefined;
  }
}

/** The attention of autoencoders saved before diffusers 0.12 has other names. */
const legacyNames: readonly (readonly [string, string])[] = [
  ['.to_q.', '.query.'],
  ['.to_k.', '.key.'],
  ['.to_v.', '.value.'],
  ['.to_out.0.', '.proj_attn.'],
];

function* aliases(name: string): Generator<string> {
  yield name;
  for (const [present, legacy] of legacyNames) if (name.includes(present)) yield name.replace(present, legacy);
  // A text encoder saved without the model that wraps it.
  if (name.startsWith('text_model.')) yield name.slice('text_model.'.length);
}

function isFloat(dtype: DType): dtype is 'F32' | 'F16' | 'BF16' {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
}

function format(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
