/** Pictures as files: encoded once for each latent and format and kept; texts are put in when they are served. */
import type { GenerationState, ImageFormat, ImageState } from '../../schema/context.ts';
import type { ImmutableFile } from '../http/file-response.ts';
import { sha256 } from '../latents/digest.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { codecsVersion, encodeImage, fileTypes } from './codecs.ts';
import { pictureTexts } from './picture-texts.ts';
import { withTexts } from './png.ts';

export class ImageFiles {
  readonly #blobs: R2Bucket;
  readonly #latents: LatentStore;

  constructor(blobs: R2Bucket, latents: LatentStore) {
    this.#blobs = blobs;
    this.#latents = latents;
  }

  /** A picture's file. What it holds depends on the request that made it, not on when or where it was made. */
  async file(generation: GenerationState, image: ImageState, format: ImageFormat): Promise<ImmutableFile> {
    const texts = format === 'PNG' ? pictureTexts(generation, image) : {};
    return {
      type: fileTypes[format].type,
      tag: await sha256(JSON.stringify([codecsVersion, image.latentKey, format, texts])),
      fileName: `darkroom-${image.seed}.${fileTypes[format].extension}`,
      read: async () => {
        const encoded = await this.#encoded(image.latentKey, format);
        return format === 'PNG' ? withTexts(encoded, texts) : encoded;
      },
    };
  }

  async #encoded(latentKey: string, format: ImageFormat): Promise<Uint8Array<ArrayBuffer>> {
    const name = `images/${latentKey}.v${codecsVersion}.${fileTypes[format].extension}`;
    const kept = await this.#blobs.get(name);
    if (kept !== null) return new Uint8Array(await kept.arrayBuffer());
    const bytes = await encodeImage(await this.#latents.pixels(latentKey), format);
    await this.#blobs.put(name, bytes);
    return bytes;
  }
}
