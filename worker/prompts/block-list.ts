import { foldings, foldTerm } from './folding.ts';

/** Words and phrases that the server's operator does not want to see drawn. Found as whole words, however written. */
export class BlockList {
  /** The term as it is looked for, and as the operator wrote it. */
  readonly #terms: ReadonlyMap<string, string>;

  constructor(terms: readonly string[]) {
    this.#terms = new Map(
      terms.map(term => [foldTerm(term), term.trim()] as const).filter(([folded]) => folded !== ''),
    );
  }

  /** The terms of the list that the text has. */
  find(text: string): string[] {
    if (this.#terms.size === 0) return [];
    const readings = foldings(text);
    const found: string[] = [];
    for (const [folded, term] of this.#terms) {
      if (readings.some(reading => reading.includes(` ${folded} `))) found.push(term);
    }
    return found;
  }
}
