/** Pictures on their way, of the size and the kind that were asked for. */
import { fitted } from '../../../models/fit.ts';
import {
  type GenerationParameters,
  type GenerationState,
  type ImageFormat,
  type PreviewState,
  stepsOf,
} from '../../../schema/context.ts';
import { previewSourceType } from '../../generations/preview.ts';
import { encodeImage } from '../../images/codecs.ts';
import { toBase64 } from '../../images/image-service.ts';
import { readPicture } from '../../images/read-picture.ts';
import { withSourceType } from '../../provenance/with-source-type.ts';

/** Chooses which previews are sent: at most so many of each picture, spread evenly over its steps. */
export class PartialImages {
  readonly #most: number;
  #image = 0;
  #sent = 0;

  /** @param most of each picture */
  constructor(most: number) {
    this.#most = most;
  }

  /** The preview to send now, and which one it is of its picture, from 0 on; null where it is not time for one. */
  next({ preview, parameters }: GenerationState): { readonly preview: PreviewState; readonly index: number } | null {
    const steps = stepsOf(parameters);
    if (!preview || steps === 0) return null;
    const image = Math.floor(preview.step / steps);
    if (image !== this.#image) {
      this.#image = image;
      this.#sent = 0;
    }
    const due = ((this.#sent + 1) * steps) / (this.#most + 1);
    if (this.#sent === this.#most || preview.step - image * steps < due) return null;
    return { preview, index: this.#sent++ };
  }
}

/**
 * A preview as a picture of the size of the one it is of: base64.
 * @throws UnreadableImage
 */
export async function partialImage(
  { dataUri }: PreviewState,
  { width, height, start }: Pick<GenerationParameters, 'width' | 'height' | 'start'>,
  format: ImageFormat,
): Promise<string> {
  const png = Uint8Array.from(atob(dataUri.slice(dataUri.indexOf(',') + 1)), char => char.charCodeAt(0));
  const picture = await encodeImage(fitted(await readPicture(png), width, height), format);
  return toBase64(withSourceType(picture, format, previewSourceType({ start })));
}
