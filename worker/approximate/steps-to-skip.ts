/**
 * How many steps a prompt may be spared by the x_t of another one, by how alike they are. Measured, not guessed: see
 * docs/reuse.md for the curve and how it is measured.
 */
import type { SimilaritySpace } from '../../schema/similarity-service.ts';

/** In which space prompts are compared: their place among pictures where the checkpoint has an embedder. */
export type TextSpace = Exclude<SimilaritySpace, 'LATENT'>;

interface Rung {
  /** From this similarity on, a cosine. */
  readonly similarity: number;
  /** At most this share of the steps. */
  readonly share: number;
}

/** Most alike first. */
const ladders: Readonly<Record<TextSpace, readonly Rung[]>> = {
  EMBEDDING: [
    { similarity: 0.92, share: 0.5 },
    { similarity: 0.3, share: 0.2 },
  ],
  // Pooled encodings do not tell a paraphrase from another prompt: no similarity is worth more than any is.
  PROMPT: [{ similarity: 0.9, share: 0.2 }],
};

/** Nothing less similar is of any use. */
export function leastSimilarity(space: TextSpace): number {
  return ladders[space].at(-1)!.similarity;
}

/**
 * @param kept after how many steps x_t are there, fewest first
 * @param steps of the whole run
 * @returns one of `kept`, or 0: nothing is to be spared
 */
export function stepsToSkip(space: TextSpace, similarity: number, kept: readonly number[], steps: number): number {
  const rung = ladders[space].find(each => similarity >= each.similarity);
  return kept.findLast(step => step <= steps * (rung?.share ?? 0) + 1e-9) ?? 0;
}
