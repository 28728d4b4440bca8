/** How long work takes, learnt from how long its like took. */

/** How much the newest observation counts. */
const weight = 0.25;

/** Milliseconds. */
export interface Observed {
  /** A step. */
  readonly step: number;
  /** All that is not a step: encoding, decoding, storing, the way there and back. */
  readonly rest: number;
}

export class Pace {
  readonly #classes: Map<string, Observed>;

  /** @param known what was learnt before */
  constructor(known: readonly (readonly [string, Observed])[] = []) {
    this.#classes = new Map(known);
  }

  /** @param ms that a backend was busy with it; of them `stepMs` with its `steps` */
  learn(paceClass: string, { ms, steps, stepMs }: { ms: number; steps: number; stepMs: number }): void {
    const before = this.#classes.get(paceClass);
    // A job that had its steps done before teaches nothing of how long they take.
    const step = steps > 0 ? stepMs / steps : before?.step;
    if (step === undefined) return;
    const rest = Math.max(0, ms - stepMs);
    const mixed = (old: number, young: number) => old + weight * (young - old);
    const now = before ? { step: mixed(before.step, step), rest: mixed(before.rest, rest) } : { step, rest };
    // The one learnt of last is what others are guessed from.
    this.#classes.delete(paceClass);
    this.#classes.set(paceClass, now);
  }

  /** Milliseconds that so many steps take with all that belongs to them; null while nothing is known of their like. */
  of(paceClass: string, steps: number): number | null {
    const known = this.#classes.get(paceClass);
    return known ? known.rest + steps * known.step : null;
  }

  /** The same, guessed from others where nothing is known of its like. */
  guess(paceClass: string, steps: number): number {
    const other = [...this.#classes.values()].at(-1) ?? { rest: 0, step: 0 };
    return this.of(paceClass, steps) ?? other.rest + steps * other.step;
  }

  /** What is to be kept. */
  get known(): readonly (readonly [string, Observed])[] {
    return [...this.#classes];
  }
}
