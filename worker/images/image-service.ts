import type { GenerationService, ImageFormat, ImageService, ImageState, LatentService } from '../../schema/context.ts';
import type { SheetFiles } from '../contact-sheets/sheet-files.ts';
import { fileResponse, type ImmutableFile } from '../http/file-response.ts';
import { signPath } from '../http/signed-path.ts';
import { fileTypes } from './codecs.ts';
import type { ImageFiles } from './image-files.ts';
import { generationOfImage, readLatentImageId, readSheetImageId } from './image-id.ts';
import type { RandomPixels } from './random-pixels.ts';

export interface ImageServiceOptions {
  readonly generations: Pick<GenerationService, 'find'>;
  readonly latents: Pick<LatentService, 'find' | 'image'>;
  readonly files: ImageFiles;
  readonly randomPixels: Pick<RandomPixels, 'find'>;
  readonly sheets: Pick<SheetFiles, 'image' | 'file'>;
  /** Where callers see this server. */
  readonly origin: string;
  readonly urlSecret: string;
}

export class SignedImages implements ImageService {
  readonly #options: ImageServiceOptions;

  constructor(options: ImageServiceOptions) {
    this.#options = options;
  }

  async find(id: string): Promise<ImageState | null> {
    const sheet = readSheetImageId(id);
    return sheet ? this.#options.sheets.image(sheet) : ((await this.#find(id, false))?.image ?? null);
  }

  async url(image: ImageState, format: ImageFormat): Promise<string> {
    const path = `/images/${image.id}.${fileTypes[format].extension}`;
    return this.#options.origin + (await signPath(this.#options.urlSecret, path));
  }

  async dataUri(image: ImageState, format: ImageFormat): Promise<string> {
    const { files, generations } = this.#options;
    const generation = image.generationId === null ? null : await generations.find(image.generationId);
    const { type, read } = (await this.#sheetFile(image.id, format)) ?? (await files.file(generation, image, format));
    return `data:${type};base64,${toBase64(await read())}`;
  }

  /** Null for a picture that is not there. The token has been checked. */
  async serve(request: Request, id: string, format: ImageFormat): Promise<Response | null> {
    const found = await this.#find(id, true);
    const file = found
      ? await this.#options.files.file(found.generation, found.image, format)
      : await this.#sheetFile(id, format);
    return file && fileResponse(request, file);
  }

  /** Null for an image that is no contact sheet's. */
  async #sheetFile(imageId: string, format: ImageFormat): Promise<ImmutableFile | null> {
    const sheet = readSheetImageId(imageId);
    return sheet === null ? null : this.#options.sheets.file(sheet, format);
  }

  /** @param decodes whether a latent may be decoded for it */
  async #find(id: string, decodes: boolean) {
    const random = await this.#options.randomPixels.find(id);
    if (random) return { generation: null, image: random };
    const key = readLatentImageId(id);
    const latent = key && (await this.#options.latents.find(key));
    // What nobody has looked at yet has no address; what has one may have made room since, and is decoded anew.
    if (latent)
      return latent.isDecoded || decodes
        ? { generation: null, image: await this.#options.latents.image(latent) }
        : null;
    const generationId = generationOfImage(id);
    const generation = generationId === null ? null : await this.#options.generations.find(generationId);
    // Of those that were made, only the best may have been kept.
    const image = generation?.images.find(each => each.id === id);
    return generation && image ? { generation, image } : null;
  }
}

/** In pieces: a call takes only so many arguments. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}
