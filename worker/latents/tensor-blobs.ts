/** Tensors as blobs of R2: their names say what they hold, and whose each is. */
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';
import { sha256 } from './digest.ts';

/** A blob that is not what its row says. */
export class DamagedBlob extends Error {
  override readonly name = 'DamagedBlob';
}

/** One that is not there: never written, or dropped when it was found damaged. */
export class MissingBlob extends DamagedBlob {}

/** A folder, and what its tensors are called in their files. */
const tensorNames = { latents: 'latent', pixels: 'pixels', starts: 'pixels' } as const;
type Folder = keyof typeof tensorNames;

export class TensorBlobs {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  /**
   * Under a name of its own whenever it is called: whoever deletes a blob never deletes what somebody else has just put.
   * @returns the name, which has the digest of the numbers and the shape, as the digest does not cover that
   */
  async put(folder: Folder, tensor: Tensor, digest?: string): Promise<string> {
    const held = `${digest ?? (await digestOf(tensor))}-${tensor.dims.join('x')}`;
    const name = `${folder}/${held}-${crypto.randomUUID()}.safetensors`;
    await this.#bucket.put(name, writeSafetensors({ [tensorNames[folder]]: tensor }));
    return name;
  }

  /** The file and the tensor in it. @throws DamagedBlob when it is gone or has no such tensor */
  async read(name: string): Promise<{ readonly file: Uint8Array<ArrayBuffer>; readonly tensor: Tensor }> {
    const blob = await this.#bucket.get(name);
    if (blob === null) throw new MissingBlob(`${name} is gone`);
    const file = new Uint8Array(await blob.arrayBuffer());
    return { file, tensor: tensorIn(file, name) };
  }

  /** @throws DamagedBlob when it is gone or does not hold what its name says */
  async tensor(name: string): Promise<Tensor> {
    const { tensor } = await this.read(name);
    // Names of the first kind were keys, and say nothing of what is held.
    const [, digest, dims] = /\/([0-9a-f]{64})-([0-9x]+)[-.]/.exec(name) ?? [];
    if (digest !== undefined && (tensor.dims.join('x') !== dims || (await digestOf(tensor)) !== digest)) {
      throw new DamagedBlob(`${name} does not have the digest ${digest}`);
    }
    return tensor;
  }

  async drop(name: string): Promise<void> {
    await this.#bucket.delete(name);
  }
}

/** @throws DamagedBlob */
function tensorIn(file: Uint8Array, name: string): Tensor {
  try {
    const tensor = readSafetensors(file).get(tensorNames[name.split('/')[0] as Folder]);
    if (tensor) return tensor;
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
  }
  throw new DamagedBlob(`${name} is no tensor`);
}

/** SHA-256 of a tensor's bytes. */
export function digestOf({ data }: Tensor): Promise<string> {
  return sha256(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
}
