/** A row whose cosine is known to lie in an interval. */
export interface Candidate {
  readonly slot: number;
  readonly high: number;
}

/**
 * Rows that may be among the nearest. Whatever lies wholly below as many others as are wanted is not; nothing else is
 * left out, so that the true nearest are always among the candidates.
 */
export class Candidates {
  readonly #wanted: number;
  /** The greatest lower ends so far, ascending: at most as many as are wanted. */
  readonly #lows: number[] = [];
  #floor: number;
  #all: Candidate[] = [];

  /** @param least nothing below it is wanted, however few there are */
  constructor(wanted: number, least: number) {
    this.#wanted = wanted;
    this.#floor = least;
  }

  /** What has its upper end below this is not wanted. */
  get floor(): number {
    return this.#floor;
  }

  /** @param counts whether it is one of those that are wanted, if its cosine is great enough */
  add(slot: number, low: number, high: number, counts: boolean): void {
    if (high < this.#floor) return;
    this.#all.push({ slot, high });
    if (!counts || (this.#lows.length === this.#wanted && low <= this.#lows[0]!)) return;
    if (this.#lows.length === this.#wanted) this.#lows.shift();
    let place = this.#lows.length;
    while (place > 0 && this.#lows[place - 1]! > low) place--;
    this.#lows.splice(place, 0, low);
    if (this.#lows.length === this.#wanted) this.#floor = Math.max(this.#floor, this.#lows[0]!);
  }

  /** The likeliest first. */
  survivors(): readonly Candidate[] {
    this.#all = this.#all.filter(({ high }) => high >= this.#floor);
    return this.#all.sort((a, b) => b.high - a.high);
  }
}
