/** Pictures of actual random pixels. Nothing is stored of them: their ids say how they are drawn. */
import { MersenneTwister } from '../../models/noise/mersenne-twister.ts';
import type { ImageState, Pixels } from '../../schema/context.ts';
import type { ImageSize } from '../../schema/laboratory-service.ts';
import { isSealed, sealOf } from '../http/signed-path.ts';

/**
 * Every value uniform over 0 to 255 and independent of the others: the bytes of MT19937's draws, lowest first.
 * @param seed its low 32 bits count, as everywhere
 */
export function randomPixels(seed: number, { width, height }: ImageSize): Pixels {
  const engine = new MersenneTwister(seed % 2 ** 32);
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < data.length; ) {
    for (let draw = engine.next(), bytes = 4; bytes > 0 && at < data.length; bytes--, draw >>>= 8) data[at++] = draw;
  }
  return { data, width, height };
}

/**
 * Images of random pixels. Their ids are sealed: whoever could write one would have pictures of any size drawn, which nobody
 * had asked for within the limits.
 */
export class RandomPixels {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  async image(seed: number, { width, height }: ImageSize): Promise<ImageState> {
    const recipe = `pixels-${seed}-${width}x${height}`;
    const id = `${recipe}-${await sealOf(this.#secret, recipe)}`;
    return { id, generationId: null, width, height, seed, latentKey: null };
  }

  /** Null for an id of another kind, or that this server has not made. */
  async find(id: string): Promise<ImageState | null> {
    const [, recipe, seed, width, height, seal] =
      /^(pixels-(\d{1,16})-(\d{1,5})x(\d{1,5}))-([0-9a-f]{64})$/.exec(id) ?? [];
    if (recipe === undefined || !(await isSealed(this.#secret, recipe, seal!))) return null;
    const size = { width: Number(width), height: Number(height) };
    return { id, generationId: null, ...size, seed: Number(seed), latentKey: null };
  }
}
