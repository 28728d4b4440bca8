import { Config } from './config.ts';
import { CheckpointError } from './error.ts';
import type { CheckpointFiles, LocatedFiles } from './files.ts';
import {
  type DType,
  headerLength,
  parseHeader,
  SafetensorsError,
  type SafetensorsHeader,
  type TensorEntry,
} from './safetensors.ts';

/** A tensor of a weight file: not its numbers, only where they lie. */
export interface Weight extends TensorEntry {
  readonly name: string;
  /** Path inside the checkpoint's folder. */
  readonly file: string;
  /** Where a runtime finds that file: its path in the weights' `root`, or else its name in the component's folder. */
  readonly location: string;
}

/** A tensor, and where it is not in the component's only file, the one it is in. */
type Placed = TensorEntry & { readonly file?: string };

/** The tensors of one component, by the names diffusers gives them. */
export class Weights {
  /** Path inside the checkpoint's folder: the weights, or the index of the files they are in. */
  readonly file: string;
  /** What the file says of itself; nothing where the weights are in several. */
  readonly metadata: SafetensorsHeader['metadata'];
  readonly #tensors: ReadonlyMap<string, Placed>;
  readonly #located: LocatedFiles | null;

  /**
   * @param file path inside the checkpoint's folder, e.g. `unet/diffusion_pytorch_model.safetensors`
   * @param tensors the file's header, or those of all files in an index
   * @param located where the files are, if not in the component's folder
   */
  constructor(
    file: string,
    tensors: ReadonlyMap<string, Placed>,
    located: LocatedFiles | null = null,
    metadata: SafetensorsHeader['metadata'] = {},
  ) {
    this.file = file;
    this.metadata = metadata;
    this.#tensors = tensors;
    this.#located = located;
  }

  /** What the weights' locations are relative to, an absolute path; null: the component's folder. */
  get root(): string | null {
    return this.#located?.root ?? null;
  }

  /**
   * Reads the header of a weight file, or of all files in an index, never the weights.
   * @param paths every file of the checkpoint; needed for an index only
   * @throws CheckpointError when a file is missing or not a safetensors file, or lacks what the index says it has
   */
  static async open(files: CheckpointFiles, file: string, paths: ReadonlySet<string> = new Set()): Promise<Weights> {
    const { tensors, metadata } = file.endsWith('.json')
      ? { tensors: await readIndex(files, file, paths), metadata: {} }
      : await readHeader(files, file);
    const holding = new Set([...tensors.values()].map(({ file: own = file }: Placed) => own));
    return new Weights(file, tensors, (await files.locate?.([...holding])) ?? null, metadata);
  }

  /** Every file that holds weights or says where they are. */
  get files(): readonly string[] {
    return [...new Set([this.file, ...[...this.#tensors.values()].map(({ file = this.file }) => file)])];
  }

  /** Its tensors as they lie in their files, in the order in which those list them. */
  *entries(): Generator<readonly [name: string, entry: TensorEntry & { readonly file: string }]> {
    for (const [name, entry] of this.#tensors) yield [name, { file: this.file, ...entry }];
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
    if (!entry) throw new CheckpointError(this.file, name, `a tensor ${format(shape)}`, 'none');
    const { file = this.file } = entry;
    if (entry.shape.length !== shape.length || entry.shape.some((size, axis) => size !== shape[axis])) {
      throw new CheckpointError(file, name, format(shape), format(entry.shape));
    }
    if (!isFloat(entry.dtype)) throw new CheckpointError(file, name, 'F32, F16 or BF16', entry.dtype);
    const location = this.#located?.names.get(file) ?? file.slice(file.lastIndexOf('/') + 1);
    return { ...entry, name, file, location };
  }

  #find(name: string): Placed | undefined {
    for (const alias of aliases(name)) {
      const entry = this.#tensors.get(alias);
      if (entry) return entry;
    }
    return undefined;
  }
}

async function readHeader(files: CheckpointFiles, file: string): Promise<SafetensorsHeader> {
  const size = await files.size(file);
  try {
    const length = headerLength(await files.readRange(file, 0, Math.min(8, size)), size);
    return parseHeader(await files.readRange(file, 8, 8 + length), size);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    throw new CheckpointError(file, null, 'a safetensors file', error.message);
  }
}

/** `{"weight_map": {"conv_in.weight": "diffusion_pytorch_model-00001-of-00002.safetensors", …}}` */
async function readIndex(
  files: CheckpointFiles,
  index: string,
  paths: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Placed>> {
  const config = await Config.read(files, index);
  const map = config.value('weight_map');
  if (typeof map !== 'object' || map === null) throw config.error('weight_map', 'an object', map);
  const folder = index.slice(0, index.lastIndexOf('/') + 1);
  const headers = new Map<string, ReadonlyMap<string, TensorEntry>>();
  const tensors = new Map<string, Placed>();
  for (const [name, shard] of Object.entries(map)) {
    if (typeof shard !== 'string' || !/^[^/\\]+\.safetensors$/.test(shard)) {
      throw config.error(`weight_map.${name}`, 'the name of a safetensors file', shard);
    }
    const file = folder + shard;
    if (!paths.has(file)) throw new CheckpointError(file, null, `a file, as ${index} says`, 'none');
    const header = headers.get(file) ?? (await readHeader(files, file)).tensors;
    headers.set(file, header);
    const entry = header.get(name);
    if (!entry) throw new CheckpointError(file, name, `a tensor, as ${index} says`, 'none');
    tensors.set(name, { ...entry, file });
  }
  return tensors;
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
