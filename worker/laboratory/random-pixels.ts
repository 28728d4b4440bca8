/** Pictures of actual random pixels. Nothing is stored of them: their ids say how they are drawn. */
import { MersenneTwister } from '../../models/noise/mersenne-twister.ts';
import type { ImageState, Pixels } from '../../schema/context.ts';
import type { ImageSize } from '../../schema/laboratory-service.ts';

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

export function randomPixelsImage(seed: number, { width, height }: ImageSize): ImageState {
  return { id: `pixels-${seed}-${width}x${height}`, generationId: null, width, height, seed, latentKey: null };
}

/** Null for an id of another kind. */
export function readRandomPixelsId(id: string): ImageState | null {
  const [, seed, width, height] = /^pixels-(\d{1,16})-(\d{1,4})x(\d{1,4})$/.exec(id) ?? [];
  if (seed === undefined) return null;
  return randomPixelsImage(Number(seed), { width: Number(width), height: Number(height) });
}
