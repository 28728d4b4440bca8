import { builder } from './builder.ts';
import { InputError } from './errors.ts';
import { findLatent } from './latent.ts';
import type { LatentSimilarity } from './similarity-service.ts';

const SimilarityType = builder.objectRef<LatentSimilarity>('Similarity').implement({
  description: 'How alike two latents are. Null where one of the two has no place in a space.',
  fields: t => ({
    latent: t.exposeFloat('latent', {
      nullable: true,
      description: 'The cosine of the latent codes, -1 to 1; null for latents of different shapes.',
    }),
    embedding: t.exposeFloat('embedding', {
      nullable: true,
      description:
        'The cosine of what they show, -1 to 1; null where their checkpoint has no embedder, or no backend can embed one of them now that was stored without.',
    }),
    prompt: t.exposeFloat('prompt', {
      nullable: true,
      description: 'The cosine of their prompts, -1 to 1; null where one of them was not made from a prompt.',
    }),
    distance: t.exposeFloat('distance', {
      nullable: true,
      description:
        'Root mean square difference of the two latents, in units of the latents’ own standard deviation: that of all their numbers together. Null for latents of different shapes.',
    }),
  }),
});

builder.queryField('similarity', t =>
  t.field({
    type: SimilarityType,
    nullable: true,
    description:
      'How alike two stored latents of one checkpoint are, in every space. `similar` orders by these very numbers.',
    args: {
      aKey: t.arg.string({ required: true, description: 'The key of the one.' }),
      bKey: t.arg.string({ required: true, description: 'The key of the other.' }),
    },
    resolve: async (_, { aKey, bKey }, { services }) => {
      const [a, b] = await Promise.all([
        findLatent(services.latents, aKey, ['aKey']),
        findLatent(services.latents, bKey, ['bKey']),
      ]);
      if (a.checkpointDigest !== b.checkpointDigest) {
        const message = 'bKey is a latent of another checkpoint than aKey: only those of one can be compared';
        throw new InputError([{ path: ['bKey'], message }]);
      }
      return services.similarity.compare(a, b);
    },
  }),
);
