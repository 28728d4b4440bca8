import type { CheckpointCard } from '../wire/card.ts';
import { builder } from './builder.ts';
import type { SimilaritySpace } from './similarity-service.ts';

export const SimilaritySpaceType = builder.enumType('SimilaritySpace', {
  description: 'What is compared. Similarities of different spaces have nothing to do with each other.',
  values: {
    LATENT: { description: 'The latent codes themselves: near is what looks alike in the same places.' },
    EMBEDDING: { description: 'The shared encoding of texts and images: near is what shows the same.' },
    PROMPT: { description: 'The text encodings of the prompts: near is what was asked for in like words.' },
  } as const satisfies Record<SimilaritySpace, object>,
});

/** The spaces in which a checkpoint's latents can be compared. */
export function spacesOf({ embedder }: CheckpointCard): SimilaritySpace[] {
  return embedder ? ['LATENT', 'EMBEDDING', 'PROMPT'] : ['LATENT', 'PROMPT'];
}
