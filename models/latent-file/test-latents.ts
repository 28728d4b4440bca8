import { MersenneTwister } from '../noise/mersenne-twister.ts';
import type { FloatTensor } from '../runtime.ts';
import type { LatentShape } from './neighbourhood.ts';

/** Numbers of 0..1 from a seed, the same on every machine. */
export function uniform(seed: number): () => number {
  const engine = new MersenneTwister(seed);
  return () => engine.next() / 2 ** 32;
}

/** A latent of noise of -1..1 times `amplitude`. */
export function noiseLatent(seed: number, shape: LatentShape, amplitude = 4): FloatTensor {
  const next = uniform(seed);
  const data = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, () => (2 * next() - 1) * amplitude);
  return { data, dims: [...shape] };
}

/** A latent as a picture of one thing has it: even around a spot, and channels that resemble each other. */
export function spotLatent(seed: number, [channels, height, width]: LatentShape): FloatTensor {
  const next = uniform(seed);
  const colours = Array.from({ length: channels }, () => [next() * 6 - 3, next() * 6 - 3] as const);
  const data = Float32Array.from({ length: channels * height * width }, (_, i) => {
    const [ground, thing] = colours[Math.floor(i / (height * width))]!;
    const [row, column] = [Math.floor(i / width) % height, i % width];
    const away = (2 * row - height) ** 2 / height ** 2 + (2 * column - width) ** 2 / width ** 2;
    return away > 0.4 ? ground + next() * 0.1 : thing * (1 - away) + next();
  });
  return { data, dims: [channels, height, width] };
}
