import { RequestError } from './errors.ts';

/**
 * Counts the images that one request sends inside its JSON. The query's limits refuse before execution what is known
 * to be too much; how many images a generation has is known only here.
 */
export class InlineImageBudget {
  readonly limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** @throws RequestError TOO_COMPLEX once the limit is used up */
  take(): void {
    this.#taken++;
    if (this.#taken > this.limit) {
      throw new RequestError(
        'TOO_COMPLEX',
        `The request asks for more than ${this.limit} images as dataUri: at most ${this.limit}. Use url for the others.`,
      );
    }
  }
}
