/** `[channels, height, width]` of a latent. */
export type LatentShape = readonly [number, number, number];

/** The codes around one that is to be predicted: of those that come before it, the nearer where one would lie outside. */
export class Neighbourhood {
  west = 0;
  north = 0;
  northWest = 0;
  northEast = 0;
  readonly #codes: Uint8Array;
  readonly #width: number;
  readonly #plane: number;
  readonly #means: number[] = [];
  #index = 0;

  constructor(codes: Uint8Array, [, height, width]: LatentShape) {
    this.#codes = codes;
    this.#width = width;
    this.#plane = height * width;
  }

  /** @param index of a code @param otherwise what stands for neighbours where there are none at all */
  moveTo(index: number, otherwise: number): void {
    this.#index = index;
    const place = index % this.#plane;
    const column = place % this.#width;
    const above = place >= this.#width;
    const at = (back: number) => this.#codes[index - back]!;
    this.west = column > 0 ? at(1) : above ? at(this.#width) : otherwise;
    this.north = above ? at(this.#width) : this.west;
    this.northWest = above && column > 0 ? at(this.#width + 1) : this.north;
    this.northEast = above && column < this.#width - 1 ? at(this.#width - 1) : this.north;
  }

  /** The code at the same place so many axes before; -1 where there is none. */
  before(axes: number): number {
    const index = this.#index - axes * this.#plane;
    return index < 0 ? -1 : this.#codes[index]!;
  }

  /** The code at the same place so many axes before, and the mean of its west and north, less the mean along their axis. */
  aroundBefore(axes: number): [number, number] {
    const index = this.#index - axes * this.#plane;
    const mean = this.#meanOf(Math.floor(index / this.#plane));
    const place = index % this.#plane;
    const same = this.#codes[index]!;
    const west = place % this.#width > 0 ? this.#codes[index - 1]! : same;
    const north = place >= this.#width ? this.#codes[index - this.#width]! : same;
    return [same - mean, (west + north) / 2 - mean];
  }

  /** Along an axis that is done. */
  #meanOf(axis: number): number {
    this.#means[axis] ??= mean(this.#codes.subarray(axis * this.#plane, (axis + 1) * this.#plane));
    return this.#means[axis];
  }
}

function mean(codes: Uint8Array): number {
  return codes.reduce((sum, code) => sum + code, 0) / codes.length;
}
