/** Pictures of contact sheets as files of R2: the PNG is drawn once, the other formats are made of it when they are asked for. */
import type { ImageFormat, ImageState, Pixels } from '../../schema/context.ts';
import type { ImmutableFile } from '../http/file-response.ts';
import { codecsVersion, encodeImage, fileTypes } from '../images/codecs.ts';
import { sheetBlob, sheetBlobs } from '../images/image-names.ts';
import { withTexts } from '../images/png.ts';
import { readPicture } from '../images/read-picture.ts';
import { sha256 } from '../latents/digest.ts';
import type { ContactSheetRows, SheetPicture } from './contact-sheet-rows.ts';
import { sheetImage } from './sheet-state.ts';

export class SheetFiles {
  readonly #bucket: R2Bucket;
  readonly #rows: Pick<ContactSheetRows, 'find'>;

  constructor(bucket: R2Bucket, rows: Pick<ContactSheetRows, 'find'>) {
    this.#bucket = bucket;
    this.#rows = rows;
  }

  /** Under a name of its own whenever it is called. @param text what the file says of itself */
  async put(id: string, pixels: Pixels, text: string): Promise<SheetPicture> {
    const { width, height } = pixels;
    const blob = `sheets/${id}-${crypto.randomUUID()}`;
    await this.#bucket.put(sheetBlob(blob, 'PNG'), withTexts(await encodeImage(pixels, 'PNG'), { darkroom: text }));
    return { blob, width, height };
  }

  async drop({ blob }: Pick<SheetPicture, 'blob'>): Promise<void> {
    await this.#bucket.delete(sheetBlobs(blob));
  }

  /** Null where there is none. */
  async image(sheetId: string): Promise<ImageState | null> {
    const row = await this.#rows.find(sheetId);
    return row && sheetImage(row);
  }

  /** Null where there is none. */
  async file(sheetId: string, format: ImageFormat): Promise<ImmutableFile | null> {
    const { picture } = (await this.#rows.find(sheetId))?.end ?? {};
    if (!picture) return null;
    const { extension, type } = fileTypes[format];
    return {
      type,
      tag: await sha256(JSON.stringify([codecsVersion, picture.blob, format])),
      fileName: `darkroom-sheet-${sheetId.slice(0, 12)}.${extension}`,
      read: () => this.#read(picture.blob, format),
    };
  }

  /** @throws Error where it is gone */
  async #read(blob: string, format: ImageFormat): Promise<Uint8Array<ArrayBuffer>> {
    const kept = await this.#bucket.get(sheetBlob(blob, format));
    if (kept) return new Uint8Array(await kept.arrayBuffer());
    if (format === 'PNG') throw new Error(`${sheetBlob(blob, 'PNG')} is gone`);
    const bytes = await encodeImage(await readPicture(await this.#read(blob, 'PNG')), format);
    await this.#bucket.put(sheetBlob(blob, format), bytes);
    return bytes;
  }
}
