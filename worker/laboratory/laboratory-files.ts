/** Files that the laboratory makes: compressed latents, which live as long as their latents, and embeddings, for a day. */
import { writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import { dklatType } from '../../models/latent-file/dklat.ts';
import { fileResponse } from '../http/file-response.ts';
import { signPath } from '../http/signed-path.ts';
import { sha256 } from '../latents/digest.ts';
import type { LatentStore } from '../latents/latent-store.ts';

/** Where a latent's `.dklat` file is kept. */
export const compressedBlob = (latentKey: string) => `compressed/${latentKey}.dklat`;
const embeddingsBlob = (digest: string) => `embeddings/${digest}.safetensors`;

const kinds = [
  { path: /^\/latents\/([0-9a-f]{64})\.dklat$/, blob: compressedBlob, type: dklatType, isOfLatent: true },
  {
    path: /^\/embeddings\/([0-9a-f]{64})\.safetensors$/,
    blob: embeddingsBlob,
    type: 'application/octet-stream',
    isOfLatent: false,
  },
] as const;

export interface LaboratoryFilesOptions {
  readonly bucket: R2Bucket;
  readonly latents: Pick<LatentStore, 'find'>;
  /** Where callers see this server. */
  readonly origin: string;
  readonly urlSecret: string;
}

export class LaboratoryFiles {
  readonly #options: LaboratoryFilesOptions;

  constructor(options: LaboratoryFilesOptions) {
    this.#options = options;
  }

  /** @returns the absolute address of a `.dklat` file */
  async keepCompressed(latentKey: string, file: Uint8Array): Promise<string> {
    await this.#options.bucket.put(compressedBlob(latentKey), file);
    return this.#url(`/latents/${latentKey}.dklat`);
  }

  /**
   * @param vectors of one length
   * @returns the absolute address of a `.safetensors` file with one tensor, `vectors` `[rows, dimensions] float32`
   */
  async keepEmbeddings(vectors: readonly Float32Array[]): Promise<string> {
    const dimensions = vectors[0]!.length;
    const data = new Float32Array(vectors.length * dimensions);
    for (const [i, vector] of vectors.entries()) data.set(vector, i * dimensions);
    const file = writeSafetensors({ vectors: { data, dims: [vectors.length, dimensions] } });
    const digest = await sha256(file);
    await this.#options.bucket.put(embeddingsBlob(digest), file);
    return this.#url(`/embeddings/${digest}.safetensors`);
  }

  /** Null for a path of another kind, and for a file that is not there, or whose latent is gone. The token has been checked. */
  async serve(request: Request, pathname: string): Promise<Response | null> {
    const { bucket, latents } = this.#options;
    for (const { path, blob, type, isOfLatent } of kinds) {
      const [, id] = path.exec(pathname) ?? [];
      if (id === undefined || (isOfLatent && (await latents.find(id)) === null)) continue;
      if ((await bucket.head(blob(id))) === null) continue;
      const fileName = `${id.slice(0, 16)}${pathname.slice(pathname.lastIndexOf('.'))}`;
      const read = async () => new Uint8Array(await (await bucket.get(blob(id)))!.arrayBuffer());
      return fileResponse(request, { type, tag: id, fileName, read });
    }
    return null;
  }

  async #url(path: string): Promise<string> {
    const { origin, urlSecret } = this.#options;
    return origin + (await signPath(urlSecret, path));
  }
}
