/** The files that contact sheets' pictures are drawn into. */
import { encodeImage } from '../images/codecs.ts';
import type { EncodedFiles } from '../images/encoded-files.ts';
import { sheetBlob, sheetBlobs } from '../images/image-names.ts';
import { withTexts } from '../images/png.ts';
import type { SheetPicture } from './contact-sheet-rows.ts';
import type { DrawnPicture } from './drawn-picture.ts';

export class SheetPngs {
  readonly #files: EncodedFiles;

  constructor(files: EncodedFiles) {
    this.#files = files;
  }

  /** Under a name of its own whenever it is called. */
  async put(id: string, drawn: DrawnPicture): Promise<SheetPicture> {
    const { width, height } = drawn.pixels;
    const blob = `sheets/${id}-${crypto.randomUUID()}`;
    await this.replace({ blob }, drawn);
    return { blob, width, height };
  }

  /** In place of what is damaged. @returns the file */
  async replace(
    { blob }: Pick<SheetPicture, 'blob'>,
    { pixels, text }: DrawnPicture,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = withTexts(await encodeImage(pixels, 'PNG'), { darkroom: text });
    await this.#files.put(sheetBlob(blob, 'PNG'), bytes);
    return bytes;
  }

  /** In every format. */
  async drop({ blob }: Pick<SheetPicture, 'blob'>): Promise<void> {
    await this.#files.drop(sheetBlobs(blob));
  }
}
