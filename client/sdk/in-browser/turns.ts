/** Work that must not overlap, one after the other in the order in which it came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Begins when all that came before has ended, however it has. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
