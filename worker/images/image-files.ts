/**
 * Pictures as files: encoded once for each latent and format and kept, or of random pixels anew each time; texts and what
 * the picture is are put in when they are served, so that files that were kept before have them too.
 */
import type { GenerationState, ImageFormat, ImageState } from '../../schema/context.ts';
import type { ImmutableFile } from '../http/file-response.ts';
import { sha256 } from '../latents/digest.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import type { LatentStore } from '../latents/latent-store.ts';
import { type SourceType, sourceTypeOf } from '../provenance/source-type.ts';
import { provenanceVersion, withSourceType } from '../provenance/with-source-type.ts';
import { codecsVersion, encodeImage, fileTypes } from './codecs.ts';
import { EncodedFiles } from './encoded-files.ts';
import { imageBlob } from './image-names.ts';
import { pictureTexts } from './picture-texts.ts';
import { withTexts } from './png.ts';
import { randomPixels } from './random-pixels.ts';

export class ImageFiles {
  readonly #files: EncodedFiles;
  readonly #pictures: Pick<LatentPictures, 'pixels'>;
  readonly #latents: Pick<LatentStore, 'sourceType'>;

  constructor(blobs: R2Bucket, pictures: Pick<LatentPictures, 'pixels'>, latents: Pick<LatentStore, 'sourceType'>) {
    this.#files = new EncodedFiles(blobs);
    this.#pictures = pictures;
    this.#latents = latents;
  }

  /**
   * A picture's file. What it holds depends on the request that made it, not on when or where it was made.
   * @param generation null where none made it
   */
  async file(generation: GenerationState | null, image: ImageState, format: ImageFormat): Promise<ImmutableFile> {
    const texts = generation && format === 'PNG' ? pictureTexts(generation, image) : {};
    const source = await this.#sourceType(image);
    const versions = [codecsVersion, provenanceVersion];
    return {
      type: fileTypes[format].type,
      tag: await sha256(JSON.stringify([versions, image.latentKey ?? image.id, format, texts, source])),
      fileName: `darkroom-${image.seed ?? image.latentKey?.slice(0, 16)}.${fileTypes[format].extension}`,
      read: async () => {
        const encoded = await this.#encoded(image, format);
        return withSourceType(format === 'PNG' ? withTexts(encoded, texts) : encoded, format, source);
      },
    };
  }

  async #sourceType({ latentKey }: ImageState): Promise<SourceType> {
    return latentKey === null ? 'algorithmicMedia' : sourceTypeOf([await this.#latents.sourceType(latentKey)]);
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
