/**
 * Pictures as files: encoded once for each latent and format and kept, or of random pixels anew each time; texts are put in
 * when they are served.
 */
import type { GenerationState, ImageFormat, ImageState } from '../../schema/context.ts';
import type { ImmutableFile } from '../http/file-response.ts';
import { sha256 } from '../latents/digest.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import { codecsVersion, encodeImage, fileTypes } from './codecs.ts';
import { EncodedFiles } from './encoded-files.ts';
import { imageBlob } from './image-names.ts';
import { pictureTexts } from './picture-texts.ts';
import { withTexts } from './png.ts';
import { randomPixels } from './random-pixels.ts';

export class ImageFiles {
  readonly #files: EncodedFiles;
  readonly #pictures: Pick<LatentPictures, 'pixels'>;

  constructor(blobs: R2Bucket, pictures: Pick<LatentPictures, 'pixels'>) {
    this.#files = new EncodedFiles(blobs);
    this.#pictures = pictures;
  }

  /**
   * A picture's file. What it holds depends on the request that made it, not on when or where it was made.
   * @param generation null where none made it
   */
  async file(generation: GenerationState | null, image: ImageState, format: ImageFormat): Promise<ImmutableFile> {
    const texts = generation && format === 'PNG' ? pictureTexts(generation, image) : {};
    return {
      type: fileTypes[format].type,
      tag: await sha256(JSON.stringify([codecsVersion, image.latentKey ?? image.id, format, texts])),
      fileName: `darkroom-${image.seed ?? image.latentKey?.slice(0, 16)}.${fileTypes[format].extension}`,
      read: async () => {
        const encoded = await this.#encoded(image, format);
        return format === 'PNG' ? withTexts(encoded, texts) : encoded;
      },
    };
  }

  async #encoded(image: ImageState, format: ImageFormat): Promise<Uint8Array<ArrayBuffer>> {
    const { latentKey } = image;
    if (latentKey === null) return encodeImage(randomPixels(image.seed!, image), format);
    const name = imageBlob(latentKey, format);
    const kept = await this.#files.get(name);
    if (kept !== null) return kept;
    const bytes = await encodeImage(await this.#pictures.pixels(latentKey), format);
    await this.#files.put(name, bytes);
    return bytes;
  }
}
