import { exponential, stretch } from './arithmetic.ts';
import { BitMixer } from './bit-mixer.ts';
import { ChannelPredictor } from './channel-predictor.ts';
import { ContextHistory } from './context-history.ts';
import { DistanceHistory } from './distance-history.ts';
import { type LatentShape, Neighbourhood } from './neighbourhood.ts';
import type { BinaryCoder } from './range-coder.ts';

/** How much each prediction counts at first: two distributions, how they erred, a constant, five histories. */
const mixture = [0.35, 0.15, 0.15, 0, 0.2, 0.2, 0.2, 0.2, 0.2];
const histories = 5;
const narrowest = 0.12;
/** Of every distribution, so that nothing is thought impossible. */
const anywhere = 1e-3;

/**
 * Codes a quantised latent, channel after channel, row after row, each code's highest bit first; what decodes is the same
 * program. A bit is predicted from a logistic distribution around what linear predictions expect, and from what followed
 * where neighbours and other channels were the same: in a picture with an even background, many are. All of it is learned
 * from the codes themselves, so that a file needs no tables.
 *
 * @param codes read by an encoder, filled by a decoder
 */
export function codeLatent(codes: Uint8Array, shape: LatentShape, bits: number, coder: BinaryCoder): void {
  const [channels, height, width] = shape;
  const plane = height * width;
  const model = new CodeModel(codes, shape, bits);
  for (let channel = 0; channel < channels; channel++) {
    model.begin(channel);
    for (let i = 0; i < plane; i++) model.code(channel * plane + i, coder);
  }
}

class CodeModel {
  readonly #codes: Uint8Array;
  readonly #bits: number;
  readonly #levels: number;
  readonly #plane: number;
  readonly #width: number;
  readonly #around: Neighbourhood;
  /** Distance of every code from what was expected. */
  readonly #errors: Float64Array;
  readonly #mixers: readonly BitMixer[];
  readonly #histories = Array.from({ length: histories }, () => new ContextHistory());
  readonly #distances: DistanceHistory;
  readonly #odds = new Float64Array(mixture.length);
  #predictor: ChannelPredictor;
  #channel = 0;

  constructor(codes: Uint8Array, shape: LatentShape, bits: number) {
    this.#codes = codes;
    this.#bits = bits;
    this.#levels = 2 ** bits;
    this.#plane = shape[1] * shape[2];
    this.#width = shape[2];
    this.#around = new Neighbourhood(codes, shape);
    this.#errors = new Float64Array(codes.length);
    this.#mixers = Array.from({ length: bits }, () => new BitMixer(mixture));
    this.#distances = new DistanceHistory(3 * bits);
    this.#predictor = new ChannelPredictor(this.#around, 0, this.#levels / 2);
  }

  begin(channel: number): void {
    this.#channel = channel;
    if (channel > 0) this.#predictor = new ChannelPredictor(this.#around, channel, this.#levels / 2);
  }

  code(index: number, coder: BinaryCoder): void {
    this.#around.moveTo(index, this.#levels / 2);
    this.#enterContexts();
    this.#predictor.predict();
    const code = this.#codeBits(index, coder);
    this.#codes[index] = code;
    const { middle } = this.#predictor.joint;
    this.#errors[index] = Math.abs(code - this.#inside(middle));
    this.#predictor.learn(code);
  }

  #enterContexts(): void {
    const { west, north, northWest, northEast } = this.#around;
    const [first, second, third] = [1, 2, 3].map(back => this.#around.before(back)) as [number, number, number];
    const contexts = [
      [west, north],
      [west, north, northWest, northEast],
      [first, second],
      [first, second, third],
      [west, north, first, second],
    ];
    for (const [i, context] of contexts.entries()) this.#histories[i]!.enter([this.#channel, ...context]);
  }

  #codeBits(index: number, coder: BinaryCoder): number {
    const { joint, spatial } = this.#predictor;
    const jointMiddle = this.#inside(joint.middle);
    const jointScale = narrowest + 0.48 * this.#errorAround(index, joint.error) + 0.18 * joint.error;
    const spatialMiddle = this.#inside(spatial.middle);
    const spatialScale = narrowest + 0.6 * spatial.error;
    const { west, north, northWest } = this.#around;
    const evenness = west !== north ? 0 : north !== northWest ? 1 : 2;
    const odds = this.#odds;
    let low = 0;
    let high = this.#levels;
    for (let depth = 0; depth < this.#bits; depth++) {
      const bound = (low + high) / 2;
      odds[0] = this.#oddsAbove(low, bound, high, jointMiddle, jointScale);
      odds[1] = this.#oddsAbove(low, bound, high, spatialMiddle, spatialScale);
      odds[2] = this.#distances.odds(depth + this.#bits * evenness, (jointMiddle + 0.5 - bound) / jointScale);
      odds[3] = 0.3;
      for (const [i, history] of this.#histories.entries()) odds[4 + i] = history.odds(low * 8 + depth + 1);
      const above = this.#mixers[depth]!.code(coder, this.#codes[index]! >= bound, odds);
      this.#distances.learn(above);
      for (const history of this.#histories) history.learn(above);
      if (above) low = bound;
      else high = bound;
    }
    return low;
  }

  /** How far off the neighbours were, and the same place one channel before. */
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
