import { MersenneTwister } from '../../../models/noise/mersenne-twister.ts';
import type { Picture } from '../../../scripts/outliers/measure-pictures.ts';
import { whole } from './choice.ts';

/** Every byte uniform and independent. */
export function noisePictures(count: number, dims: readonly number[]): Picture[] {
  const random = new MersenneTwister(3);
  return made(count, dims, () => () => whole(random, 0, 255));
}

/** Each of one random colour. */
export function flatPictures(count: number, dims: readonly number[]): Picture[] {
  const random = new MersenneTwister(4);
  return made(count, dims, () => {
    const colour = [0, 1, 2].map(() => whole(random, 0, 255));
    return i => colour[i % 3]!;
  });
}

function made(count: number, dims: readonly number[], one: () => (i: number) => number): Picture[] {
  const length = dims.reduce((product, side) => product * side, 1);
  return Array.from({ length: count }, () => {
    const byte = one();
    return { data: Uint8Array.from({ length }, (_, i) => byte(i)), dims };
  });
}
