/** The way between two latents, shown as fast as it can be decoded. */
import { slerp } from '../../../../models/interpolate.ts';
import type { FloatTensor } from '../../../../models/runtime.ts';

export interface Shown {
  readonly image: ImageData;
  /** Of the way: 0 to 1. */
  readonly at: number;
  /** How long decoding took, in milliseconds. */
  readonly ms: number;
  readonly isFirst: boolean;
}

/**
 * Decodes the place that was wanted last; places that were passed while another was decoded are left out.
 *
 * @example
 * const way = new Way(from, to, latent => decoder.decode(latent), ({ image }) => context.putImageData(image, 0, 0), report);
 * way.go(0.3);
 */
export class Way {
  readonly #from: FloatTensor;
  readonly #to: FloatTensor;
  readonly #decode: (latent: FloatTensor) => Promise<ImageData>;
  readonly #show: (shown: Shown) => void;
  readonly #fail: (error: unknown) => void;
  #wanted: number | null = null;
  #isDecoding = false;
  #isFirst = true;
  #isOver = false;

  /** @param fail told why a latent was not decoded; the next place is tried all the same */
  constructor(
    from: FloatTensor,
    to: FloatTensor,
    decode: (latent: FloatTensor) => Promise<ImageData>,
    show: (shown: Shown) => void,
    fail: (error: unknown) => void,
  ) {
    this.#from = from;
    this.#to = to;
    this.#decode = decode;
    this.#show = show;
    this.#fail = fail;
  }

  /** @param at 0 to 1 */
  go(at: number): void {
    this.#wanted = at;
    if (!this.#isDecoding) void this.#catchUp();
  }

  /** Nothing is shown any more. */
  end(): void {
    this.#isOver = true;
  }

  async #catchUp(): Promise<void> {
    this.#isDecoding = true;
    while (this.#wanted !== null && !this.#isOver) {
      const at = this.#wanted;
      this.#wanted = null;
      const begun = performance.now();
      try {
        const image = await this.#decode(slerp(this.#from, this.#to, at));
        if (!this.#isOver) this.#show({ image, at, ms: performance.now() - begun, isFirst: this.#isFirst });
        this.#isFirst = false;
      } catch (error) {
        if (!this.#isOver) this.#fail(error);
      }
    }
    this.#isDecoding = false;
  }
}
