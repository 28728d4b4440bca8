import { squash, stretch } from './arithmetic.ts';

const perScale = 2;
const furthest = 16;
const places = 2 * furthest + 1;

/**
 * How often a code lay above a bound so far from where it was expected: corrects the distribution that predictions are
 * taken to have.
 */
export class DistanceHistory {
  readonly #probabilities: Float64Array;
  readonly #seen: Uint32Array;
  #slot = 0;

  /** @param kinds how many kinds of bounds there are, each with a history of its own */
  constructor(kinds: number) {
    this.#probabilities = Float64Array.from({ length: kinds * places }, (_, i) =>
      squash(((i % places) - furthest) / 2),
    );
    this.#seen = new Uint32Array(kinds * places);
  }

  /** @param distance of what is expected above the bound, in scales */
  odds(kind: number, distance: number): number {
    const place = Math.min(furthest, Math.max(-furthest, Math.round(distance * perScale)));
    this.#slot = kind * places + place + furthest;
    return stretch(this.#probabilities[this.#slot]!);
  }

  /** Whether it lay above the bound that `odds` was asked for last. */
  learn(above: boolean): void {
    const seen = ++this.#seen[this.#slot]!;
    const rate = Math.max(0.02, 1 / (seen + 4));
    this.#probabilities[this.#slot]! += ((above ? 1 : 0) - this.#probabilities[this.#slot]!) * rate;
  }
}
