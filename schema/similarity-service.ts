import type { CheckpointCard } from '../wire/card.ts';
import type { LatentState } from './context.ts';
import type { ReadImage } from './laboratory-service.ts';

export type SimilaritySpace = 'LATENT' | 'EMBEDDING' | 'PROMPT';

/** Which cached latents are like what. Nothing is ever denoised for it. */
export interface SimilarityService {
  /**
   * The latents of a latent's checkpoint that are nearest to it, itself aside. A backend is asked only to embed a latent that was stored without.
   * @throws RequestError UNSUPPORTED where it has no place in the space
   */
  nearLatent(latent: LatentState, search: SimilarSearch): Promise<readonly SimilarLatent[]>;
  /**
   * The latents of a checkpoint that are nearest to a text. A backend is asked for a text that was never encoded.
   * @param tokenIds padded, one list for each text encoder
   * @throws RequestError UNSUPPORTED where texts have no place in the space
   * @throws RetryLater when a backend is needed and none answers
   */
  nearText(
    card: CheckpointCard,
    tokenIds: readonly (readonly number[])[],
    search: SimilarSearch,
  ): Promise<readonly SimilarLatent[]>;
  /**
   * The latents of a checkpoint that are nearest to a picture. A backend is asked for one that was never encoded.
   * @param image a picture brought to its size, or a latent that was sent in place of one
   * @throws RequestError UNSUPPORTED where pictures have no place in the space
   * @throws RetryLater when a backend is needed and none answers
   */
  nearImage(card: CheckpointCard, image: ReadImage, search: SimilarSearch): Promise<readonly SimilarLatent[]>;
  /** Two latents of one checkpoint in every space, by the same numbers that a search orders by. */
  compare(a: LatentState, b: LatentState): Promise<LatentSimilarity>;
}

export interface SimilarSearch {
  readonly space: SimilaritySpace;
  readonly limit: number;
  readonly minSimilarity: number | null;
  /** The last of the page before. */
  readonly after: SimilarPlace | null;
}

/** Where a latent stands in what a search finds, whether it is still there or not. */
export interface SimilarPlace {
  readonly similarity: number;
  readonly key: string;
}

export interface SimilarLatent {
  readonly latent: LatentState;
  /** Cosine. */
  readonly similarity: number;
}

/** Cosines; null for a space in which one of the two has no place. */
export interface LatentSimilarity {
  readonly latent: number | null;
  readonly embedding: number | null;
  readonly prompt: number | null;
  /** Null for latents of different shapes. */
  readonly distance: number | null;
}
