import { RequestError } from './errors.ts';

/**
 * Counts what one request takes of something dear. The query's limits refuse before execution what is known to be too
 * much; how many images a generation has, and how many latents nobody has looked at yet, is known only here.
 */
export class RequestBudget {
  readonly limit: number;
  readonly #what: string;
  readonly #instead: string;
  #taken = 0;

  constructor(limit: number, what: string, instead: string) {
    this.limit = limit;
    this.#what = what;
    this.#instead = instead;
  }

  /** @throws RequestError TOO_COMPLEX once the limit is used up */
  take(count = 1): void {
    this.#taken += count;
    if (this.#taken > this.limit) {
      const { limit } = this;
      throw new RequestError(
        'TOO_COMPLEX',
        `The request asks for more than ${limit} ${this.#what}: at most ${limit}. ${this.#instead}`,
      );
    }
  }
}

export interface Budgets {
  /** Images that are sent inside the JSON. */
  readonly inlineImages: RequestBudget;
  /** Latents that a backend must decode. */
  readonly decodings: RequestBudget;
  /** Pictures between latents. */
  readonly interpolations: RequestBudget;
  /** Searches for what is similar: each goes through every vector. */
  readonly searches: RequestBudget;
  /** Pictures that are sent: each is decoded in the memory that all requests share. */
  readonly pictures: RequestBudget;
  /** Many images and texts at once, to be embedded. */
  readonly embeddings: RequestBudget;
}

export function newBudgets(limits: Readonly<Record<keyof Budgets, number>>): Budgets {
  return {
    inlineImages: new RequestBudget(limits.inlineImages, 'images as dataUri', 'Use url for the others.'),
    decodings: new RequestBudget(
      limits.decodings,
      'images of latents that nobody has looked at yet',
      'Ask for the others in a request of their own.',
    ),
    interpolations: new RequestBudget(limits.interpolations, 'pictures between latents', 'Ask in several requests.'),
    searches: new RequestBudget(limits.searches, 'searches for what is similar', 'Ask in several requests.'),
    pictures: new RequestBudget(limits.pictures, 'pictures to look at', 'Ask in several requests.'),
    embeddings: new RequestBudget(limits.embeddings, 'embed', 'Ask in several requests.'),
  };
}
