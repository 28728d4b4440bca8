/** A picture on its way, to be watched and awaited. */

/**
 * Work that tells how far it is and ends with something. It goes on only while somebody iterates over it or awaits it;
 * leave the loop, and it stops.
 *
 * @example
 * const development = developer.develop('a cat on a red background', { seed: 7 });
 * for await (const { step, steps } of development) show(step / steps);
 * const picture = await development;
 */
export class Development<Progress, Result> implements AsyncIterable<Progress>, PromiseLike<Result> {
  readonly #run: AsyncGenerator<Progress, Result, void>;
  readonly #end = Promise.withResolvers<Result>();
  #isAwaited = false;

  constructor(run: AsyncGenerator<Progress, Result, void>) {
    this.#run = run;
    // Whoever awaits it learns of it; who only iterates has learnt of it already.
    this.#end.promise.catch(() => {});
  }

  /** @throws what the work throws */
  async *[Symbol.asyncIterator](): AsyncGenerator<Progress, void, undefined> {
    let isLeft = true;
    try {
      for (;;) {
        const turn = await this.#run.next();
        if (turn.done) {
          isLeft = false;
          // A loop that comes after the end finds nothing more.
          if (turn.value !== undefined) this.#end.resolve(turn.value);
          return;
        }
        yield turn.value;
      }
    } catch (error) {
      isLeft = false;
      this.#end.reject(error);
      throw error;
    } finally {
      if (isLeft) {
        this.#end.reject(new Error('the loop over it was left before the end'));
        await this.#run.return(undefined as Result);
      }
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: it is there to be awaited
  then<A = Result, B = never>(
    onEnd?: ((result: Result) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#isAwaited) {
      this.#isAwaited = true;
      void this.#drive();
    }
    return this.#end.promise.then(onEnd, onError);
  }

  async #drive(): Promise<void> {
    try {
      for await (const _ of this);
    } catch {
      // It is in the promise.
    }
  }
}
