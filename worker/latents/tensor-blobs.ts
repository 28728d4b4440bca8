/** Tensors as blobs of R2, named by what they hold: writing one twice is writing it once. */
import { readSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';
import { sha256 } from './digest.ts';

/** A blob that is not what its row says. */
export class DamagedBlob extends Error {
  override readonly name = 'DamagedBlob';
}

/** A folder, and what its tensors are called in their files. */
const tensorNames = { latents: 'latent', pixels: 'pixels', starts: 'pixels' } as const;
type Folder = keyof typeof tensorNames;

export class TensorBlobs {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  /** @returns its name, which is what it holds and its shape: the digest of the numbers does not cover that */
  async put(folder: Folder, tensor: Tensor, digest?: string): Promise<string> {
    const name = `${folder}/${digest ?? (await digestOf(tensor))}-${tensor.dims.join('x')}.safetensors`;
    await this.#bucket.put(name, writeSafetensors({ [tensorNames[folder]]: tensor }));
    return name;
  }

  /** The whole file. @throws DamagedBlob when it is gone */
  async file(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const blob = await this.#bucket.get(name);
    if (blob === null) throw new DamagedBlob(`${name} is gone`);
    return new Uint8Array(await blob.arrayBuffer());
  }

  /** @throws DamagedBlob when it is gone or has no such tensor */
  async tensor(name: string): Promise<Tensor> {
    return tensorIn(await this.file(name), name);
  }
}

/** The tensor in a blob's file. @throws DamagedBlob */
export function tensorIn(file: Uint8Array, name: string): Tensor {
  const tensor = readSafetensors(file).get(tensorNames[name.split('/')[0] as Folder]);
  if (!tensor) throw new DamagedBlob(`${name} is no tensor`);
  return tensor;
}

/** SHA-256 of a tensor's bytes. */
export function digestOf({ data }: Tensor): Promise<string> {
  return sha256(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
}
