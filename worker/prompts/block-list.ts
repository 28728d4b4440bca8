import { foldings, foldTerm } from './folding.ts';

/** Words and phrases that the server's operator does not want to see drawn. Found as whole words, however written. */
export class BlockList {
  readonly #terms: readonly { readonly term: string; readonly spellings: readonly string[] }[];

  constructor(terms: readonly string[]) {
    this.#terms = terms
      .map(term => ({ term: term.trim(), spellings: foldTerm(term) }))
      .filter(({ spellings }) => spellings.length > 0);
  }

  /** The terms of the list that the text has, as the operator wrote them. */
  find(text: string): string[] {
    if (this.#terms.length === 0) return [];
    const readings = foldings(text);
    const has = (spelling: string) => readings.some(reading => reading.includes(spelling));
    return this.#terms.filter(({ spellings }) => spellings.some(has)).map(({ term }) => term);
  }
}
