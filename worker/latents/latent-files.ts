/** Latents as files with addresses. */
import type { LatentService } from '../../schema/context.ts';
import { fileResponse } from '../http/file-response.ts';
import { signPath } from '../http/signed-path.ts';
import type { LatentStore } from './latent-store.ts';

export const latentPath = (key: string) => `/latents/${key}.safetensors`;

export function latentService(store: LatentStore, origin: string, urlSecret: string): LatentService {
  return {
    find: key => store.find(key),
    findMany: keys => store.findMany(keys),
    url: async key => origin + (await signPath(urlSecret, latentPath(key))),
  };
}

/** Null for a key that is not there. The token has been checked. */
export async function serveLatent(request: Request, store: LatentStore, key: string): Promise<Response | null> {
  const latent = await store.find(key);
  if (latent === null) return null;
  return fileResponse(request, {
    type: 'application/octet-stream',
    tag: latent.digest,
    fileName: `${key.slice(0, 16)}.safetensors`,
    read: () => store.file(latent),
  });
}
