/**
 * Pictures of contact sheets as files of R2: the PNG is drawn once, the other formats are made of it when they are asked for.
 * What is lost or damaged is made anew, the PNG from the generations' pictures.
 */
import type { ImageFormat, ImageState } from '../../schema/context.ts';
import type { DurableGenerations } from '../generations/generation-service.ts';
import type { ImmutableFile } from '../http/file-response.ts';
import { codecsVersion, encodeImage, fileTypes } from '../images/codecs.ts';
import { EncodedFiles } from '../images/encoded-files.ts';
import { sheetBlob } from '../images/image-names.ts';
import { readPicture } from '../images/read-picture.ts';
import { sha256 } from '../latents/digest.ts';
import type { LatentPictures } from '../latents/latent-pictures.ts';
import { provenanceVersion, withSourceType } from '../provenance/with-source-type.ts';
import type { ContactSheetRows, SheetPicture, SheetRow } from './contact-sheet-rows.ts';
import { drawnPicture } from './drawn-picture.ts';
import { SheetPngs } from './sheet-pngs.ts';
import { cellsOf, sheetImage } from './sheet-state.ts';

export interface SheetFilesOptions {
  readonly bucket: R2Bucket;
  readonly rows: Pick<ContactSheetRows, 'find'>;
  readonly generations: Pick<DurableGenerations, 'findMany'>;
  readonly pictures: Pick<LatentPictures, 'pixels'>;
}

export class SheetFiles {
  readonly #options: SheetFilesOptions;
  readonly #files: EncodedFiles;

  constructor(options: SheetFilesOptions) {
    this.#options = options;
    this.#files = new EncodedFiles(options.bucket);
  }

  /** Null where there is none. */
  async image(sheetId: string): Promise<ImageState | null> {
    const row = await this.#options.rows.find(sheetId);
    return row && sheetImage(row);
  }

  /** Null where there is none. */
  async file(sheetId: string, format: ImageFormat): Promise<ImmutableFile | null> {
    const row = await this.#options.rows.find(sheetId);
    const picture = row?.end?.picture;
    if (!picture) return null;
    const { extension, type } = fileTypes[format];
    return {
      type,
      tag: await sha256(JSON.stringify([[codecsVersion, provenanceVersion], picture.blob, format])),
      fileName: `darkroom-sheet-${sheetId.slice(0, 12)}.${extension}`,
      // When it is served: sheets that were kept before tell it too.
      read: async () => withSourceType(await this.#read(row, picture, format), format, 'compositeSynthetic'),
    };
  }

  /** @throws RetryLater where it must be drawn anew, of an image that must be decoded, and no backend does so now */
  async #read(row: SheetRow, picture: SheetPicture, format: ImageFormat): Promise<Uint8Array<ArrayBuffer>> {
    const name = sheetBlob(picture.blob, format);
    const kept = await this.#files.get(name);
    if (kept) return kept;
    if (format === 'PNG') return this.#drawAnew(row, picture);
    const bytes = await encodeImage(await readPicture(await this.#read(row, picture, 'PNG')), format);
    await this.#files.put(name, bytes);
    return bytes;
  }

  async #drawAnew(row: SheetRow, picture: SheetPicture): Promise<Uint8Array<ArrayBuffer>> {
    const { generations, pictures } = this.#options;
    const cells = await cellsOf(row, generations);
    if (cells === null) throw new Error(`The contact sheet ${row.id} was deleted`);
    return new SheetPngs(this.#files).replace(picture, await drawnPicture(row.axes, cells, pictures));
  }
}
