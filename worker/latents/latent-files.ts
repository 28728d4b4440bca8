/** Latents as files with addresses. */
import type { LatentService } from '../../schema/context.ts';
import type { Deletion } from '../deletion/deletion.ts';
import { fileResponse } from '../http/file-response.ts';
import { signPath } from '../http/signed-path.ts';
import type { LatentImages } from '../images/latent-images.ts';
import type { LatentStore } from './latent-store.ts';
import { DamagedBlob } from './tensor-blobs.ts';

export const latentPath = (key: string) => `/latents/${key}.safetensors`;

export interface LatentServiceOptions {
  readonly store: LatentStore;
  readonly deletion: Pick<Deletion, 'latent'>;
  readonly images: Pick<LatentImages, 'of'>;
  readonly origin: string;
  readonly urlSecret: string;
}

export function latentService({ store, deletion, images, origin, urlSecret }: LatentServiceOptions): LatentService {
  return {
    find: key => store.find(key),
    findMany: keys => store.findMany(keys),
    list: page => store.list(page),
    count: checkpointDigest => store.count(checkpointDigest),
    url: async key => origin + (await signPath(urlSecret, latentPath(key))),
    delete: key => deletion.latent(key),
    image: latent => images.of(latent),
  };
}

/** Null for a key that is not there, or whose numbers are damaged. The token has been checked. */
export async function serveLatent(request: Request, store: LatentStore, key: string): Promise<Response | null> {
  const latent = await store.find(key);
  if (latent === null) return null;
  const file = fileResponse(request, {
    type: 'application/octet-stream',
    tag: latent.digest,
    fileName: `${key.slice(0, 16)}.safetensors`,
    read: () => store.file(latent),
  });
  return file.catch(async (error: unknown) => {
    // Dropped and counted: whoever asks for the same picture has it computed anew.
    if (!(error instanceof DamagedBlob) || (await store.intact(key)) !== null) throw error;
    return null;
  });
}
