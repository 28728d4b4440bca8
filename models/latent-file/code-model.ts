import { exponential, stretch } from './arithmetic.ts';
import { AxisPredictor } from './axis-predictor.ts';
import { BitMixer } from './bit-mixer.ts';
import { ContextHistory } from './context-history.ts';
import { type LatentShape, Neighbourhood } from './neighbourhood.ts';
import type { BinaryCoder } from './range-coder.ts';

/** How much each prediction counts at first: the distribution, then what followed in each context. */
const mixture = [0.6, 0.2, 0.2, 0.2, 0.2];
const narrowest = 0.16;
/** Of every distribution, so that nothing is thought impossible. */
const anywhere = 1e-3;

/** Codes `[axes, height, width]` below 2^bits, and the code of the origin along each axis. */
export interface AxisCodes {
  readonly codes: Uint8Array;
  readonly zeros: Uint8Array;
  readonly shape: LatentShape;
  readonly bits: number;
}

/**
 * Codes a quantised latent, axis after axis, row after row, each code's highest bit first; what decodes is the same
 * program. A bit is predicted from a logistic distribution around what a linear prediction expects, and from what followed
 * where neighbours and other axes were the same: in a picture with an even background, many are. All of it is learned from
 * the codes themselves, so that a file needs no tables.
 *
 * @param quantised its codes are read by an encoder, filled by a decoder
 */
export function codeLatent(quantised: AxisCodes, coder: BinaryCoder): void {
  const [axes, height, width] = quantised.shape;
  const plane = height * width;
  const model = new CodeModel(quantised);
  for (let axis = 0; axis < axes; axis++) {
    model.begin(axis);
    for (let i = 0; i < plane; i++) model.code(axis * plane + i, coder);
  }
}

class CodeModel {
  readonly #codes: Uint8Array;
  readonly #zeros: Uint8Array;
  readonly #bits: number;
  readonly #levels: number;
  readonly #plane: number;
  readonly #width: number;
  readonly #around: Neighbourhood;
  /** Distance of every code from what was expected. */
  readonly #errors: Float64Array;
  readonly #mixers: readonly BitMixer[];
  readonly #histories: readonly ContextHistory[];
  readonly #odds = new Float64Array(mixture.length);
  #predictor: AxisPredictor;
  #axis = 0;

  constructor({ codes, zeros, shape, bits }: AxisCodes) {
    this.#zeros = zeros;
    this.#codes = codes;
    this.#bits = bits;
    this.#levels = 2 ** bits;
    this.#plane = shape[1] * shape[2];
    this.#width = shape[2];
    this.#around = new Neighbourhood(codes, shape);
    this.#errors = new Float64Array(codes.length);
    this.#histories = mixture.slice(1).map(() => new ContextHistory(codes.length * bits));
    this.#mixers = Array.from({ length: bits }, () => new BitMixer(mixture));
    this.#predictor = new AxisPredictor(this.#around, 0, 0, 0);
  }

  begin(axis: number): void {
    this.#axis = axis;
    this.#predictor = new AxisPredictor(this.#around, axis, this.#zeros[axis]!, this.#levels / 8);
  }

  code(index: number, coder: BinaryCoder): void {
    this.#around.moveTo(index, this.#zeros[this.#axis]!);
    this.#enterContexts();
    this.#predictor.predict();
    const code = this.#codeBits(index, coder);
    this.#codes[index] = code;
    this.#errors[index] = Math.abs(code - this.#inside(this.#predictor.middle));
    this.#predictor.learn(code);
  }

  #enterContexts(): void {
    const { west, north, northWest, northEast } = this.#around;
    const [first, second, third] = [1, 2, 3].map(back => this.#around.before(back)) as [number, number, number];
    const contexts = [
      [west, north],
      [west, north, northWest, northEast, first],
      [first, second, third],
      [west, north, first, second, third],
    ];
    for (const [i, context] of contexts.entries()) this.#histories[i]!.enter([this.#axis, ...context]);
  }

  #codeBits(index: number, coder: BinaryCoder): number {
    const { middle: expected, error } = this.#predictor;
    const middle = this.#inside(expected);
    const scale = narrowest + 0.4 * this.#errorAround(index, error);
    let low = 0;
    let high = this.#levels;
    for (let depth = 0; depth < this.#bits; depth++) {
      const bound = (low + high) / 2;
      this.#odds[0] = this.#oddsAbove(low, bound, high, middle, scale);
      for (const [i, history] of this.#histories.entries()) this.#odds[1 + i] = history.odds(low * 8 + depth + 1);
      const above = this.#mixers[depth]!.code(coder, this.#codes[index]! >= bound, this.#odds);
      for (const history of this.#histories) history.learn(above);
      if (above) low = bound;
      else high = bound;
    }
    return low;
  }

  /** How far off the neighbours were, and the same place one axis before. */
  #errorAround(index: number, otherwise: number): number {
    const place = index % this.#plane;
    const column = place % this.#width;
    const above = place >= this.#width;
    const at = (there: boolean, back: number) => (there ? this.#errors[index - back]! : otherwise);
    const straight = at(column > 0, 1) + at(above, this.#width);
    const aslant = at(above && column > 0, this.#width + 1) + at(above && column < this.#width - 1, this.#width - 1);
    const here = (2 * straight + aslant) / 6;
    return index < this.#plane ? here : 0.75 * here + 0.25 * this.#errors[index - this.#plane]!;
  }

  #inside(middle: number): number {
    return Math.min(this.#levels - 0.5, Math.max(-0.5, middle));
  }

  /** Log-odds of a code of low..high being at least `bound`, where codes are logistic around `middle`. */
  #oddsAbove(low: number, bound: number, high: number, middle: number, scale: number): number {
    const below = this.#below(bound, middle, scale);
    const lower = below - this.#below(low, middle, scale);
    const upper = this.#below(high, middle, scale) - below;
    return stretch((upper + anywhere) / (lower + upper + 2 * anywhere));
  }

  /** How much of the distribution lies below a code. */
  #below(code: number, middle: number, scale: number): number {
    if (code <= 0) return 0;
    if (code >= this.#levels) return 1;
    return 1 / (1 + exponential(Math.min(40, Math.max(-40, (middle + 0.5 - code) / scale))));
  }
}
